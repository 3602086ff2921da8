#include "core/net/web_socket_frames.h"

#include <QtEndian>

#include <algorithm>
#include <array>
#include <limits>

namespace sessionscope {

namespace {

constexpr quint8 lastBit = 0x80;
constexpr quint8 maskedBit = 0x80;
constexpr quint8 length16 = 126; // the length is in the next 2 bytes
constexpr quint8 length64 = 127; // in the next 8
constexpr qsizetype largestControl = 125;

bool isControl(FrameKind kind)
{
    return quint8(kind) >= quint8(FrameKind::Close);
}

bool isKnown(quint8 opcode)
{
    return opcode <= quint8(FrameKind::Binary) ||
           (opcode >= quint8(FrameKind::Close) && opcode <= quint8(FrameKind::Pong));
}

// Byte n of the stream of a frame is turned over by byte n of the mask, round and round.
void applyMask(char *bytes, qsizetype count, quint32 mask, quint32 offset)
{
    std::array<char, 4> key{};
    qToBigEndian(mask, key.data());
    for (qsizetype i = 0; i < count; ++i)
        bytes[i] = char(bytes[i] ^ key[(std::size_t(i) + offset) % key.size()]);
}

} // namespace

QString closeStatusText(quint16 status)
{
    static constexpr std::pair<quint16, const char *> names[] = {
        {1000, "normal closure"},   {1001, "going away"},      {1002, "protocol error"},   {1003, "unsupported data"},
        {1005, "no status"},        {1007, "invalid payload"}, {1008, "policy violation"}, {1009, "message too big"},
        {1010, "extension needed"}, {1011, "internal error"},
    };
    const auto *const found =
        std::find_if(std::begin(names), std::end(names), [status](const auto &name) { return name.first == status; });
    const QString number = QString::number(status);
    return found == std::end(names) ? number : number + QStringLiteral(" (%1)").arg(QLatin1String(found->second));
}

void FrameReader::append(const QByteArray &bytes)
{
    m_buffer.remove(0, m_position);
    m_position = 0;
    m_buffer += bytes;
}

std::optional<FrameReader::Event> FrameReader::next()
{
    while (!m_isBroken) {
        if (m_control)
            return readControl();
        if (m_left > 0) {
            const auto there = std::min(quint64(m_buffer.size() - m_position), m_left);
            if (there == 0)
                return std::nullopt;
            return Payload{takeUnmasked(qsizetype(there))};
        }
        const qsizetype before = m_position;
        if (auto event = readHead())
            return event;
        if (m_position == before)
            return std::nullopt;
    }
    return std::nullopt;
}

// Moves behind the head of a frame when it is there whole; an event only for one that must not be.
std::optional<FrameReader::Event> FrameReader::readHead()
{
    const auto bytes = QByteArrayView(m_buffer).sliced(m_position);
    if (bytes.size() < 2)
        return std::nullopt;
    const auto first = quint8(bytes[0]);
    const auto second = quint8(bytes[1]);
    const bool isMasked = (second & maskedBit) != 0;
    const quint8 shortLength = second & 0x7F;
    const qsizetype lengthSize = shortLength == length64 ? 8 : shortLength == length16 ? 2 : 0;
    const qsizetype size = 2 + lengthSize + (isMasked ? 4 : 0);
    const quint8 opcode = first & 0x0F;
    std::optional<Violation> wrong;
    if (!isKnown(opcode))
        wrong = Violation{close_status::protocolError, QStringLiteral("frame of the unknown kind %1").arg(opcode)};
    else
        wrong = check(FrameKind(opcode), (first & lastBit) != 0, isMasked, quint8(first & 0x70));
    if (!wrong && isControl(FrameKind(opcode)) && shortLength > largestControl)
        wrong = Violation{close_status::protocolError, QStringLiteral("control frame of more than 125 bytes")};
    if (!wrong && bytes.size() < size)
        return std::nullopt;
    if (!wrong) {
        m_left = lengthSize == 8   ? qFromBigEndian<quint64>(bytes.data() + 2)
                 : lengthSize == 2 ? qFromBigEndian<quint16>(bytes.data() + 2)
                                   : shortLength;
        const bool isMinimal = lengthSize == 0 || m_left > (lengthSize == 2 ? 125 : 0xFFFF);
        if (!isMinimal || m_left > quint64(std::numeric_limits<qint64>::max()))
            wrong = Violation{close_status::protocolError, QStringLiteral("frame whose length is ill-formed")};
    }
    if (wrong) {
        m_isBroken = true;
        return *wrong;
    }
    m_mask = isMasked ? qFromBigEndian<quint32>(bytes.data() + size - 4) : 0;
    m_maskOffset = 0;
    m_position += size;
    if (isControl(FrameKind(opcode)))
        m_control = FrameKind(opcode);
    else
        m_isWithinMessage = (first & lastBit) == 0;
    return std::nullopt;
}

std::optional<FrameReader::Violation> FrameReader::check(FrameKind kind, bool isLast, bool isMasked,
                                                         quint8 reserved) const
{
    const auto wrong = [](const char *words, quint16 status = close_status::protocolError) {
        return Violation{status, QString::fromLatin1(words)};
    };
    if (reserved != 0)
        return wrong("frame with a reserved bit set");
    if (isMasked != (m_frames == FramesAre::Masked))
        return wrong(isMasked ? "masked frame from a server" : "frame from a client without a mask");
    if (isControl(kind))
        return isLast ? std::nullopt : std::optional(wrong("control frame in fragments"));
    if (kind == FrameKind::Text) // (MQTT-6.0.0-1, v3:MQTT-6.0.0-1)
        return wrong("text frame, MQTT travels in binary ones (MQTT-6.0.0-1)", close_status::unsupportedData);
    if ((kind == FrameKind::Continuation) != m_isWithinMessage)
        return wrong(m_isWithinMessage ? "new message within another one" : "continuation of no message");
    return std::nullopt;
}

std::optional<FrameReader::Event> FrameReader::readControl()
{
    if (quint64(m_buffer.size() - m_position) < m_left)
        return std::nullopt;
    const FrameKind kind = *std::exchange(m_control, {});
    const QByteArray payload = takeUnmasked(qsizetype(m_left));
    if (kind == FrameKind::Close && payload.size() == 1) {
        m_isBroken = true;
        return Violation{close_status::protocolError, QStringLiteral("close frame with half a status")};
    }
    return Control{kind, payload};
}

QByteArray FrameReader::takeUnmasked(qsizetype count)
{
    QByteArray bytes = m_buffer.mid(m_position, count);
    m_position += count;
    m_left -= quint64(count);
    if (m_frames == FramesAre::Masked)
        applyMask(bytes.data(), count, m_mask, m_maskOffset);
    m_maskOffset = (m_maskOffset + quint32(count % 4)) % 4;
    return bytes;
}

QByteArray frame(FrameKind kind, const QByteArray &payload, std::optional<quint32> mask)
{
    const qsizetype size = payload.size();
    const quint8 shortLength = size > 0xFFFF ? length64 : size > largestControl ? length16 : quint8(size);
    QByteArray bytes;
    bytes.reserve(size + 14);
    bytes += char(lastBit | quint8(kind));
    bytes += char((mask ? maskedBit : 0) | shortLength);
    const auto appendNumber = [&bytes](auto number) {
        const auto big = qToBigEndian(number);
        bytes.append(reinterpret_cast<const char *>(&big), sizeof big);
    };
    if (shortLength == length64)
        appendNumber(quint64(size));
    else if (shortLength == length16)
        appendNumber(quint16(size));
    if (mask)
        appendNumber(*mask);
    bytes += payload;
    if (mask)
        applyMask(bytes.data() + bytes.size() - size, size, *mask, 0);
    return bytes;
}

QByteArray closePayload(quint16 status)
{
    QByteArray payload(2, Qt::Uninitialized);
    qToBigEndian(status, payload.data());
    return payload;
}

quint16 closeStatusOf(const QByteArray &payload)
{
    return payload.size() < 2 ? close_status::none : qFromBigEndian<quint16>(payload.constData());
}

} // namespace sessionscope
