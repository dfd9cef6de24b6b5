"""Which operator a mobile country and network code belongs to.

India's networks that run today, from the public list of assignments (ITU-T E.212, MCC 404 and 405); codes of
networks that were merged stand under their successor (Idea and Vodafone under Vi). A code that is not here
stays a code.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

_AIRTEL = "02 03 10 16 31 40 45 49 70 90 92 93 94 95 96 97 98"
_VI = "01 04 05 07 11 12 13 14 15 19 20 22 24 27 30 43 44 46 56 60 78 82 84 86 87 88 89"
_VI_405 = "66 67 70 750 751 752 753 754 755 756 799 845 846 847 848 849 850 851 852 853"
_BSNL = "34 38 51 53 54 55 57 58 59 62 64 66 71 72 73 74 75 76 77 79 80 81"
_JIO_405 = "840 854 855 856 857 858 859 860 861 862 863 864 865 866 867 868 869 870 871 872 873 874"


def _codes(mcc: str, mncs: str) -> tuple[str, ...]:
    return tuple(mcc + mnc for mnc in mncs.split())


OPERATORS: dict[str, tuple[str, ...]] = {
    "Airtel": _codes("404", _AIRTEL) + _codes("405", "51 52 53 54 55 56"),
    "Vi": _codes("404", _VI) + _codes("405", _VI_405),
    "BSNL": _codes("404", _BSNL),
    "MTNL": _codes("404", "68 69"),
    "Jio": _codes("405", _JIO_405),
}


def operator(mcc_mnc: ir.StringColumn) -> ir.StringColumn:
    """Return the operator's name, the code itself where we know no name, null where no DLR told a code."""
    return ibis.cases(*((mcc_mnc.isin(codes), name) for name, codes in OPERATORS.items()), else_=mcc_mnc)
