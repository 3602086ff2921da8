#include "core/mqtt/topic.h"

#include <algorithm>
#include <cstring>

namespace sessionscope {

namespace {

constexpr qsizetype longestString = 65'535;
constexpr QByteArrayView sharePrefix("$share/");

constexpr quint64 everyByte(quint8 byte)
{
    return quint64(0x0101010101010101) * byte;
}

quint64 eightAt(const uchar *text)
{
    quint64 eight;
    std::memcpy(&eight, text, sizeof eight);
    return eight;
}

// Nonzero when any of eight bytes is 80 or above.
constexpr quint64 highBytes(quint64 eight)
{
    return eight & everyByte(0x80);
}

// Nonzero when any of eight bytes, all below 80, is this one.
constexpr quint64 bytesEqual(quint64 eight, quint8 byte)
{
    return highBytes((eight ^ everyByte(byte)) - everyByte(1));
}

constexpr quint64 notPlain(quint64 eight)
{
    return highBytes(eight) | bytesEqual(eight, 0) | bytesEqual(eight, '+') | bytesEqual(eight, '#');
}

constexpr bool isPlain(uchar byte)
{
    return byte != 0 && byte < 0x80 && byte != '+' && byte != '#';
}

// How many bytes from text on lie below 80: the bulk of real text, eight at a step.
qsizetype asciiPrefix(const uchar *text, qsizetype available)
{
    constexpr qsizetype step = sizeof(quint64);
    qsizetype length = 0;
    while (available - length >= step && !highBytes(eightAt(text + length)))
        length += step;
    while (length < available && text[length] < 0x80)
        ++length;
    return length;
}

bool isContinuation(uchar byte)
{
    return (byte & 0xC0) == 0x80;
}

// Length of the well-formed multi-byte sequence at text, 0 when there is none (RFC 3629 table 3-7).
qsizetype sequenceLength(const uchar *text, qsizetype available)
{
    const uchar lead = text[0];
    const qsizetype length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4 || available < length)
        return 0;
    const uchar second = text[1];
    const uchar lowest = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    const uchar highest = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
    if (second < lowest || second > highest)
        return 0;
    return std::all_of(text + 2, text + length, isContinuation) ? length : 0;
}

} // namespace

bool isUtf8(QByteArrayView text)
{
    const auto *at = reinterpret_cast<const uchar *>(text.data());
    const auto *const end = at + text.size();
    while (at != end) {
        if (const auto plain = asciiPrefix(at, end - at)) {
            at += plain;
            continue;
        }
        const qsizetype length = sequenceLength(at, end - at);
        if (length == 0)
            return false;
        at += length;
    }
    return true;
}

// MQTT-4.7.3-2, -3, v3:MQTT-1.5.3-1, v3:MQTT-4.7.3-2, -3.
bool isMqttString(QByteArrayView text)
{
    return text.size() <= longestString && !text.contains('\0') && isUtf8(text);
}

bool isTopicName(QByteArrayView name)
{
    return !name.isEmpty() && name.size() <= longestString && !hasWildcard(name);
}

bool isPlainTopic(QByteArrayView name)
{
    constexpr qsizetype step = sizeof(quint64);
    const auto *text = reinterpret_cast<const uchar *>(name.data());
    if (name.size() < step)
        return std::all_of(text, text + name.size(), isPlain);
    quint64 odd = 0;
    for (qsizetype at = 0; at + step < name.size(); at += step)
        odd |= notPlain(eightAt(text + at));
    // The last eight may overlap those before.
    odd |= notPlain(eightAt(text + name.size() - step));
    return odd == 0;
}

bool isTopicFilter(QByteArrayView filter)
{
    if (filter.isEmpty() || filter.size() > longestString)
        return false;
    if (!isSharedFilter(filter))
        return !hasMisplacedHash(filter) && !hasMisplacedPlus(filter);
    const auto shared = parseSharedFilter(filter);
    return shared && !hasMisplacedHash(shared->filter) && !hasMisplacedPlus(shared->filter);
}

bool hasWildcard(QByteArrayView filter)
{
    return std::any_of(filter.begin(), filter.end(), [](char c) { return c == '+' || c == '#'; });
}

bool hasMisplacedHash(QByteArrayView filter)
{
    const auto hash = filter.indexOf('#');
    if (hash < 0)
        return false;
    const bool opensLevel = hash == 0 || filter[hash - 1] == '/';
    return !opensLevel || hash + 1 != filter.size();
}

bool hasMisplacedPlus(QByteArrayView filter)
{
    for (auto plus = filter.indexOf('+'); plus >= 0; plus = filter.indexOf('+', plus + 1)) {
        const bool opensLevel = plus == 0 || filter[plus - 1] == '/';
        const bool closesLevel = plus + 1 == filter.size() || filter[plus + 1] == '/';
        if (!opensLevel || !closesLevel)
            return true;
    }
    return false;
}

/// Byte by byte and without any normalisation (MQTT-1.5.4-3, MQTT-3.3.2-3, MQTT-4.7.3-4, v3:MQTT-1.5.3-3,
/// v3:MQTT-3.3.2-3, v3:MQTT-4.7.2-1, v3:MQTT-4.7.3-4).
bool filterMatches(QByteArrayView filter, QByteArrayView name)
{
    const bool startsWithWildcard = filter.startsWith('+') || filter.startsWith('#');
    if (startsWithWildcard && name.startsWith('$'))
        return false;
    qsizetype f = 0;
    qsizetype n = 0;
    while (f < filter.size()) {
        if (filter[f] == '#')
            return true;
        if (filter[f] == '+') {
            while (n < name.size() && name[n] != '/')
                ++n;
            ++f;
        } else if (n < name.size() && filter[f] == name[n]) {
            ++f;
            ++n;
        } else {
            // "a/#" matches its parent "a" too.
            return n == name.size() && filter.sliced(f) == QByteArrayView("/#");
        }
    }
    return n == name.size();
}

std::optional<SharedFilter> parseSharedFilter(QByteArrayView filter)
{
    if (!isSharedFilter(filter))
        return std::nullopt;
    const auto rest = filter.sliced(sharePrefix.size());
    const auto slash = rest.indexOf('/');
    if (slash < 1 || slash + 1 == rest.size())
        return std::nullopt;
    const auto shareName = rest.first(slash);
    if (hasWildcard(shareName))
        return std::nullopt;
    return SharedFilter{shareName, rest.sliced(slash + 1)};
}

bool isSharedFilter(QByteArrayView filter)
{
    return filter.startsWith(sharePrefix);
}

} // namespace sessionscope
