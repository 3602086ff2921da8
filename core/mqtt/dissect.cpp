#include "core/mqtt/dissect.h"

#include "core/mqtt/packet_walk.h"
#include "core/mqtt/topic.h"

#include <algorithm>
#include <optional>

namespace sessionscope {

namespace {

QByteArray hexadecimal(quint8 value)
{
    return "0x" + QByteArray::number(value, 16).rightJustified(2, '0').toUpper();
}

QByteArray sizeText(qsizetype size)
{
    return QByteArray::number(size) + (size == 1 ? " byte" : " bytes");
}

bool isPrintable(QByteArrayView text)
{
    constexpr char firstPrintable = ' ';
    constexpr char deleteCharacter = 0x7F;
    const auto isControl = [](char c) { return (c >= 0 && c < firstPrintable) || c == deleteCharacter; };
    return isUtf8(text) && std::none_of(text.begin(), text.end(), isControl);
}

QByteArray binaryText(QByteArrayView bytes, qsizetype longest)
{
    const auto shown = bytes.first(qMin(bytes.size(), longest)).toByteArray();
    return sizeText(bytes.size()) + (bytes.isEmpty() ? "" : ": ") + shown.toHex(' ') +
           (shown.size() < bytes.size() ? " ..." : "");
}

QByteArray payloadText(QByteArrayView payload, qsizetype longest)
{
    const bool asText = !payload.isEmpty() && payload.size() <= longest && isPrintable(payload);
    return asText ? payload.toByteArray() : binaryText(payload, longest);
}

QByteArray text(QByteArrayView view, FieldKind kind, qsizetype longest)
{
    switch (kind) {
    case FieldKind::Secret:
        return "(" + sizeText(view.size()) + ")";
    case FieldKind::Binary:
        return binaryText(view, longest);
    case FieldKind::Payload:
        return payloadText(view, longest);
    default:
        return isPrintable(view) ? view.toByteArray() : binaryText(view, longest);
    }
}

// Writes down what the walk over a frame reads. Fields of a property go into the property's own span.
class SpanRecorder
{
public:
    static constexpr bool active = true;

    explicit SpanRecorder(qsizetype longest) : m_longest(longest) {}

    void number(qsizetype offset, qsizetype length, const char *name, quint32 value, FieldKind kind)
    {
        add(offset, length, name,
            kind == FieldKind::Hexadecimal ? hexadecimal(quint8(value)) : QByteArray::number(value));
    }

    void bytes(qsizetype offset, qsizetype length, const char *name, QByteArrayView view, FieldKind kind)
    {
        add(offset, length, name, text(view, kind, m_longest));
    }

    void firstByte(quint8 byte);
    void connectFlags(quint8 flags);
    void acknowledgeFlags(quint8 flags);
    void subscriptionOptions(quint8 options, Version version);
    void reason(quint8 reason, PacketType type, Version version);

    void beginList(qsizetype offset, const char *name)
    {
        m_list = m_spans.size();
        m_spans.append({offset, 0, 0, name, {}});
    }
    void beginProperty(qsizetype offset, const char *name)
    {
        m_property = m_spans.size();
        m_spans.append({offset, 0, 1, name, {}});
    }
    void endProperty(qsizetype offset)
    {
        auto &property = m_spans[m_property];
        property.length = offset - property.offset;
        m_end = offset;
        m_property = none;
        ++m_properties;
    }
    void endList();

    QList<FieldSpan> finish(const QByteArray &frame, const std::optional<Malformed> &malformed);

private:
    static constexpr qsizetype none = -1;

    void add(qsizetype offset, qsizetype length, const char *name, const QByteArray &value);
    void addBits(std::initializer_list<std::pair<const char *, int>> fields);

    qsizetype m_longest;
    QList<FieldSpan> m_spans;
    qsizetype m_end = 0;         // of what the spans of depth 0 cover
    qsizetype m_list = none;     // the span of the property list being read
    qsizetype m_property = none; // and of the property
    int m_properties = 0;
};

void SpanRecorder::add(qsizetype offset, qsizetype length, const char *name, const QByteArray &value)
{
    if (m_property != none) {
        auto &shown = m_spans[m_property].value;
        const bool isUserProperty = m_spans[m_property].name == "User Property";
        shown += (shown.isEmpty() || !isUserProperty ? QByteArray() : QByteArray(" = ")) + value;
        if (isUserProperty)
            m_spans.append({offset, length, 2, name, value});
    } else if (m_list == none) {
        m_spans.append({offset, length, 0, name, value});
        m_end = offset + length;
    }
}

// The parts of the byte that was read last, from the highest bit down.
void SpanRecorder::addBits(std::initializer_list<std::pair<const char *, int>> fields)
{
    const auto offset = m_spans.last().offset;
    for (const auto &[name, value] : fields)
        m_spans.append({offset, 1, 1, name, QByteArray::number(value)});
}

void SpanRecorder::firstByte(quint8 byte)
{
    const auto type = PacketType(byte >> 4);
    m_spans.last().value = packetTypeName(type) + QByteArray(" (") + hexadecimal(byte) + ")";
    if (type == PacketType::Publish)
        addBits({{"DUP", (byte >> 3) & 1}, {"QoS", (byte >> 1) & 3}, {"RETAIN", byte & 1}});
    else
        addBits({{"Flags", byte & 0x0F}});
}

void SpanRecorder::connectFlags(quint8 flags)
{
    addBits({{"User Name Flag", flags >> 7},
             {"Password Flag", (flags >> 6) & 1},
             {"Will Retain", (flags >> 5) & 1},
             {"Will QoS", (flags >> 3) & 3},
             {"Will Flag", (flags >> 2) & 1},
             {"Clean Start", (flags >> 1) & 1},
             {"Reserved", flags & 1}});
}

void SpanRecorder::acknowledgeFlags(quint8 flags)
{
    addBits({{"Reserved", flags >> 1}, {"Session Present", flags & 1}});
}

void SpanRecorder::subscriptionOptions(quint8 options, Version version)
{
    if (version == Version::V5)
        addBits({{"Reserved", options >> 6},
                 {"Retain Handling", (options >> 4) & 3},
                 {"Retain As Published", (options >> 3) & 1},
                 {"No Local", (options >> 2) & 1},
                 {"Maximum QoS", options & 3}});
    else
        addBits({{"Reserved", options >> 2}, {"QoS", options & 3}});
}

void SpanRecorder::reason(quint8 reason, PacketType type, Version version)
{
    const bool isReturnCode = version != Version::V5 && type == PacketType::Connack;
    const char *name = isReturnCode ? v3ReturnCodeName(reason) : reasonCodeName(ReasonCode(reason), type);
    m_spans.last().value += QByteArray(" ") + (name ? name : "(not listed)");
}

void SpanRecorder::endList()
{
    if (m_list == none)
        return;
    // A property that broke off belongs to what is malformed.
    if (m_property != none)
        m_spans.resize(m_property);
    auto &list = m_spans[m_list];
    if (m_properties == 0) {
        m_spans.resize(m_list);
    } else {
        list.length = m_end - list.offset;
        list.value = QByteArray::number(m_properties) + (m_properties == 1 ? " property" : " properties");
    }
    m_list = none;
    m_property = none;
    m_properties = 0;
}

QList<FieldSpan> SpanRecorder::finish(const QByteArray &frame, const std::optional<Malformed> &malformed)
{
    if (malformed) {
        const QByteArray why = malformed->field + QByteArray(" at byte ") + QByteArray::number(malformed->offset) +
                               ": " + problemText(malformed->problem);
        m_spans.append({m_end, frame.size() - m_end, 0, "Malformed", why});
    }
    return std::move(m_spans);
}

} // namespace

QList<FieldSpan> dissect(const QByteArray &frame, Version version, qsizetype longest)
{
    SpanRecorder recorder(longest);
    Packet packet;
    const auto malformed = walk::readPacket(packet, frame, version, recorder);
    return recorder.finish(frame, malformed);
}

QByteArray withoutSecrets(QByteArray frame, Version version)
{
    const PacketType type = frame.isEmpty() ? PacketType::Reserved : PacketType(quint8(frame.front()) >> 4);
    if (type != PacketType::Connect && type != PacketType::Connack && type != PacketType::Auth)
        return frame;
    const auto mask = [&frame](qsizetype from, qsizetype to) {
        std::fill(frame.begin() + std::min(from, to), frame.begin() + to, secretMask);
    };
    constexpr qsizetype lengthPrefix = 2;
    constexpr qsizetype propertyHead = 1 + lengthPrefix;
    for (const FieldSpan &span : dissect(frame, version)) {
        const qsizetype end = span.offset + span.length;
        if (span.depth == 0 && span.name == "Password")
            mask(span.offset + lengthPrefix, end);
        else if (span.depth == 1 && span.name == "Authentication Data")
            mask(span.offset + propertyHead, end);
        else if (span.name == "Malformed")
            mask(span.offset, end);
    }
    return frame;
}

namespace {

/// As the fixed header at this place says; nothing where it is cut short or says nothing.
std::optional<qsizetype> frameSize(QByteArrayView bytes)
{
    constexpr int longestLength = 4;
    qsizetype length = 0;
    for (int i = 0; i < longestLength && i + 1 < bytes.size(); ++i) {
        const auto byte = quint8(bytes.at(i + 1));
        length |= qsizetype(byte & 0x7F) << (7 * i);
        if (!(byte & 0x80))
            return 2 + i + length;
    }
    return std::nullopt;
}

} // namespace

QList<QByteArray> framesIn(const QByteArray &bytes)
{
    QList<QByteArray> frames;
    for (qsizetype at = 0; at < bytes.size(); at += frames.last().size())
        frames << bytes.mid(at, frameSize(QByteArrayView(bytes).sliced(at)).value_or(bytes.size()));
    return frames;
}

bool isWholeFrame(const QByteArray &frame)
{
    return frameSize(frame) == frame.size();
}

} // namespace sessionscope
