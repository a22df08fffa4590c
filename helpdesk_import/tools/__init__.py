from .old_desk import OldDesk, OldDeskError
