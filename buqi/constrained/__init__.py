"""Writing that is limited to the division table: a model chooses where an address lies, the program copies the rest."""

from buqi.constrained.address_writer import AddressWriter
from buqi.constrained.calibration import calibration_of
from buqi.constrained.chooser import CountyChooser

__all__ = ["AddressWriter", "CountyChooser", "calibration_of"]
