"""What a shipping line holds beside its address: name, telephone, postcode, labels; where another address begins."""

from buqi.contact.line import ContactLine, read_line
from buqi.contact.numbers import holds_contact
from buqi.contact.parts import LinePart
from buqi.contact.several import split_line

__all__ = ["ContactLine", "LinePart", "holds_contact", "read_line", "split_line"]
