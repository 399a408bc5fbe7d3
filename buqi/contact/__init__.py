"""What a shipping line holds beside its address: a name, telephones, a postcode, labels; and where its addresses end."""

from buqi.contact.line import ContactLine, Part, read_line
from buqi.contact.several import split_line

__all__ = ["ContactLine", "Part", "read_line", "split_line"]
