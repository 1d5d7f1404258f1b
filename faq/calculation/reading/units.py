"""The names of units and currencies in Chinese and English. Data and look-up only; scales.py has their sizes.

Canonical unit names are those of the conversion table (kilometer, square_meter, jin); currencies are ISO 4217 codes.
"""

import re
from collections.abc import Iterable

UNITS: dict[str, str] = {
    # length
    "kilometer": "公里|千米|km|kms|kilometer|kilometers|kilometre|kilometres",
    "meter": "米|公尺|m|meter|meters|metre|metres",
    "decimeter": "分米|dm|decimeter|decimeters",
    "centimeter": "厘米|公分|cm|centimeter|centimeters|centimetre|centimetres",
    "millimeter": "毫米|mm|millimeter|millimeters|millimetre|millimetres",
    "micrometer": "微米|micrometer|micrometers|micron|microns",
    "nanometer": "纳米|nm|nanometer|nanometers",
    "mile": "英里|mile|miles|mi",
    "nautical_mile": "海里|nautical mile|nautical miles",
    "yard": "码|yard|yards|yd",
    "foot": "英尺|foot|feet|ft",
    "inch": '英寸|inch|inches|"',
    "li": "里|华里",
    "zhang": "丈",
    "chi": "尺|市尺",
    "cun": "寸|市寸",
    # area
    "square_kilometer": "平方公里|平方千米|km2|km²|square kilometer|square kilometers|sq km",
    "square_meter": "平方米|平米|平方|m2|m²|㎡|square meter|square meters|square metre|square metres|sq m|sqm",
    "square_decimeter": "平方分米|dm2|dm²",
    "square_centimeter": "平方厘米|cm2|cm²|square centimeter|square centimeters",
    "square_millimeter": "平方毫米|mm2|mm²",
    "square_foot": "平方英尺|square foot|square feet|sq ft",
    "square_inch": "平方英寸|square inch|square inches",
    "square_mile": "平方英里|square mile|square miles",
    "hectare": "公顷|hectare|hectares|ha",
    "acre": "英亩|acre|acres",
    "mu": "亩",
    "qing": "市顷",
    # volume
    "cubic_meter": "立方米|立方|m3|m³|cubic meter|cubic meters|cubic metre|cubic metres",
    "cubic_decimeter": "立方分米|dm3|dm³",
    "cubic_centimeter": "立方厘米|cm3|cm³|cc|cubic centimeter|cubic centimeters",
    "cubic_foot": "立方英尺|cubic foot|cubic feet",
    "cubic_inch": "立方英寸|cubic inch|cubic inches",
    "liter": "升|公升|l|liter|liters|litre|litres",
    "milliliter": "毫升|ml|milliliter|milliliters|millilitre",
    "gallon": "加仑|gallon|gallons|gal",
    "quart": "夸脱|quart|quarts",
    "pint": "品脱|pint|pints",
    "barrel": "barrel|barrels",
    "teaspoon": "teaspoon|teaspoons|tsp",
    "tablespoon": "tablespoon|tablespoons|tbsp",
    "fluid_ounce": "液盎司|fluid ounce|fluid ounces|fl oz",
    # mass
    "ton": "吨|ton|tons|tonne|tonnes",
    "metric_ton": "公吨|metric ton|metric tons",
    "kilogram": "公斤|千克|kg|kgs|kilogram|kilograms|kilo|kilos",
    "gram": "克|公克|g|gram|grams|gramme|grammes",
    "milligram": "毫克|mg|milligram|milligrams",
    "microgram": "微克|μg|mcg|microgram|micrograms|microgrammes",
    "jin": "斤|市斤",
    "liang": "两",
    "dan": "担",
    "pound": "磅|lb|lbs|pound|pounds",
    "ounce": "盎司|oz|ounce|ounces",
    "dram": "drachma|dram|drams",
    "carat": "克拉|carat|carats",
    # speed
    "kilometer_per_hour": "公里每小时|千米每小时|km/h|kph|kmph|km/hr|kmh|kilometers per hour|kilometer per hour",
    "meter_per_second": "米每秒|m/s|meters per second|meter per second",
    "mile_per_hour": "英里每小时|mph|miles per hour|mile per hour",
    "knot": "knot|knots",
    "meter_per_millisecond": "meters per millisecond|meters/millisecond|m/ms",
    "centimeter_per_millisecond": "centimeters per millisecond|centimeters/millisecond",
    "kilometer_per_millisecond": "km/ms",
    # data
    "bit": "比特|bit|bits",
    "kilobit": "千比特|kilobit|kilobits|kbit",
    "megabit": "兆比特|megabit|megabits|mbit",
    "gigabit": "gigabit|gigabits|gbit",
    "byte": "字节|byte|bytes",
    "kilobyte": "千字节|kb|kilobyte|kilobytes",
    "megabyte": "兆字节|兆|mb|megabyte|megabytes",
    "gigabyte": "吉字节|gb|gigabyte|gigabytes",
    "terabyte": "太字节|tb|terabyte|terabytes",
    # angle, frequency, energy, power
    "degree": "degrees|degree|°",
    "radian": "弧度|rad|radian|radians",
    "turn": "turns",
    "hertz": "赫兹|hz|hertz",
    "kilohertz": "千赫兹|千赫|khz",
    "megahertz": "兆赫兹|兆赫|mhz|megahertz",
    "gigahertz": "吉赫兹|ghz",
    "joule": "焦耳|joule|joules",
    "kilojoule": "千焦|kj|kilojoules",
    "calorie": "卡路里|calories|cal",
    "kilocalorie": "大卡|千卡|kcal",
    "kilowatt_hour": "千瓦时|kwh",
    "watt": "瓦特|瓦|watt|watts",
    "kilowatt": "千瓦|kw|kilowatt|kilowatts",
    "horsepower": "马力|horsepower",
}

CURRENCIES: dict[str, str] = {
    "CNY": "元人民币|块钱人民币|人民币元|人民币|元钱|块钱|元|块|￥|¥|cn￥|rmb|cny|chinese yuan|yuan|yuans",
    "USD": "美元|美金|美刀|美圆|usd|us$|us $|us dollar|us dollars|united states dollar|united states dollars",
    "DOLLAR": "$|dollar|dollars|buck|bucks",
    "CENT": "美分|cent|cents|¢",
    "HKD": "港元|港币|hkd|hk$|hong kong dollar|hong kong dollars",
    "TWD": "新台币|台币|台元|twd|nt$|new taiwan dollar|new taiwan dollars",
    "MOP": "澳门元|澳门币|葡币|mop",
    "JPY": "日元|日币|円|jpy|japanese yen|yen",
    "EUR": "欧元|€|eur|euro|euros",
    "GBP": "英镑|£|gbp|british pound|british pounds|pound sterling|pounds sterling|sterling",
    "PENCE": "便士|pence|penny",
    "AUD": "澳元|澳币|澳大利亚元|aud|aud$|a$|australian dollar|australian dollars",
    "CAD": "加元|加币|加拿大元|cad|cad$|c$|c $|canadian dollar|canadian dollars",
    "NZD": "新西兰元|纽元|nzd|nzd$|new zealand dollar|new zealand dollars",
    "SGD": "新加坡元|新币|坡币|sgd|s$|singapore dollar|singapore dollars",
    "KRW": "韩元|韩币|韩圆|₩|krw|south korean won|won",
    "KPW": "朝鲜元",
    "THB": "泰铢|泰国铢|thb|baht|thai baht",
    "MYR": "马来西亚林吉特|林吉特|令吉|马币|myr|ringgit",
    "VND": "越南盾|₫|vnd|vietnamese dong",
    "PHP": "菲律宾比索|php|philippine peso|philippine pesos",
    "IDR": "印尼盾|印度尼西亚卢比|idr",
    "INR": "印度卢比|₹|inr|indian rupee|indian rupees",
    "RUPEE": "卢比|rupee|rupees",
    "LKR": "斯里兰卡卢比|ரூ|lkr",
    "RUB": "俄罗斯卢布|卢布|rub|ruble|rubles|rouble|roubles|russian ruble|russian rubles",
    "CHF": "瑞士法郎|瑞郎|chf|swiss franc|swiss francs",
    "FRANC": "法郎|franc|francs",
    "SEK": "瑞典克朗|sek|swedish krona|swedish kronor",
    "DKK": "丹麦克朗|dkk|danish krone|danish kroner",
    "NOK": "挪威克朗|nok|norwegian krone",
    "NLG": "荷兰盾|dutch guilder|dutch guilders|netherlands guilder",
    "NGN": "奈拉|尼日利亚奈拉|ngn|naira",
    "MXN": "墨西哥比索|mxn|mxn$|mex$|mexican peso|mexican pesos",
    "PESO": "比索|peso|pesos",
    "BRL": "巴西雷亚尔|雷亚尔|brl|r$|brazilian real|brazilian reais",
    "TRY": "土耳其里拉|里拉|try₺|₺|turkish lira|turkish liras",
    "ZAR": "南非兰特|兰特|zar|rand|rands",
    "AED": "迪拉姆|aed|dirham|dirhams",
    "SAR": "沙特里亚尔|里亚尔|sar|saudi riyal",
    "LAK": "老挝基普|基普|₭|lak|kip",
    "PLN": "波兰兹罗提|兹罗提|pln|zloty",
    "ILS": "以色列谢克尔|谢克尔|ils|shekel|shekels",
    "EGP": "埃及镑|egp|egyptian pound|egyptian pounds",
    "PKR": "巴基斯坦卢比|pkr",
    "MMK": "缅甸元|缅元|mmk",
    "KHR": "柬埔寨瑞尔|瑞尔|khr",
    "UAH": "格里夫纳|uah",
    "BTC": "比特币|₿|btc|bitcoin|bitcoins",
    "SATOSHI": "satoshi|satoshis",
}

MEANT = {  # the currency a symbol or a bare name means when it is computed with
    "DOLLAR": "USD",
    "FRANC": "CHF",
    "RUPEE": "INR",
    "PESO": "MXN",
}


def names_of(table: dict[str, str]) -> dict[str, str]:
    """Every name -> its canonical unit."""
    return {name: unit for unit, names in reversed(table.items()) for name in names.split("|")}


def alternation(names: Iterable[str]) -> str:
    """A regular expression of all names, longest first; Latin names end where the word ends."""
    longest = sorted(names, key=len, reverse=True)
    latin = "|".join(_spaced(name) for name in longest if _is_latin(name))
    other = [_spaced(name) for name in longest if not _is_latin(name)]
    firsts = re.escape("".join(sorted({name[0] for name in longest})))  # most places are left at a glance
    return f"(?=[{firsts}])(?:{'|'.join([*other, f'(?:{latin})(?![a-z0-9])'])})"


def _is_latin(name: str) -> bool:
    return name[-1].isascii() and name[-1].isalnum()


def _spaced(name: str) -> str:
    return re.escape(name).replace(r"\ ", " +")
