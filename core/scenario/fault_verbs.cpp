// Verbs about connections that break in every way there is.
#include "core/scenario/grammar.h"
#include "core/scenario/scalars.h"
#include "core/scenario/verb_readers.h"

namespace sessionscope {

namespace {

PacketMatch readMatch(const Node &node)
{
    PacketMatch match;
    if (node.isScalar())
        match.type = packetTypeOf(node.text);
    if (const Node *type = node.find(u"packet"))
        match.type = packetTypeOf(type->text);
    if (const Node *nth = node.find(u"nth"))
        match.nth = quint32(readCount(*nth));
    if (const Node *qos = node.find(u"qos"))
        match.qos = readQos(*qos);
    if (const Node *topic = node.find(u"topic"))
        match.topic = readText(*topic);
    if (const Node *dup = node.find(u"dup"))
        match.dup = readFlag(*dup);
    if (const Node *id = node.find(u"packet_id"))
        match.packetId = PacketId{quint16(readCount(*id))};
    return match;
}

struct When
{
    PacketMatch match;
    Moment moment = Moment::After;
    std::optional<qsizetype> bytes;
};

When readWhen(const Node *node, const VerbContext &context)
{
    When when;
    if (!node)
        return when;
    int found = 0;
    static constexpr struct
    {
        QStringView key;
        Direction direction;
        Moment moment;
    } moments[] = {{u"before_sending", Direction::Sent, Moment::Before},
                   {u"after_sending", Direction::Sent, Moment::After},
                   {u"before_receiving", Direction::Received, Moment::Before},
                   {u"after_receiving", Direction::Received, Moment::After}};
    for (const auto &one : moments) {
        if (const Node *packet = node->find(one.key)) {
            when.match = readMatch(*packet);
            when.match.direction = one.direction;
            when.moment = one.moment;
            ++found;
        }
    }
    if (found != 1)
        context.problems.push_back(
            {node->place, QStringLiteral("%1 moments: expected one of before_sending, after_sending, "
                                         "before_receiving and after_receiving")
                              .arg(found)});
    if (const Node *bytes = node->find(u"bytes"))
        when.bytes = readCount(*bytes);
    return when;
}

/// Anything but a cut holds its packet back or changes it before it goes on, the whole of it.
void refuseMomentsOfCut(const Node &when, const VerbContext &context)
{
    for (const Node::Entry &entry : when.entries) {
        if (entry.key == u"bytes" || entry.key.startsWith(u"after_"))
            context.problems.push_back(
                {entry.value.place, QStringLiteral("%1: bytes and after_… are for cut").arg(entry.key)});
    }
}

Action arm(const Node &node, const VerbContext &context, FaultKind kind)
{
    const Node *whenNode = node.find(u"when");
    if (whenNode && !std::holds_alternative<CutFault>(kind))
        refuseMomentsOfCut(*whenNode, context);
    const When when = readWhen(whenNode, context);
    Fault fault{.match = when.match, .kind = std::move(kind)};
    if (const Node *times = node.find(u"times"))
        fault.times = quint32(readCount(*times));
    return CommandAction{ArmFault{context.key, fault}};
}

Shape faultShapeWith(const QString &what, std::vector<Field> more)
{
    Shape shape{.kind = Shape::Kind::Map, .what = what};
    shape.fields = std::move(more);
    shape.fields.push_back({QStringLiteral("when"), &whenShape(), QStringLiteral("at which packet"), Need::Required});
    shape.fields.push_back({QStringLiteral("times"), &countShape(),
                            QStringLiteral("at so many packets that match; 1 unless given, 0 for all")});
    return shape;
}

/// The same, and now where no packet is named.
Shape linkShapeWith(const QString &what, std::vector<Field> more)
{
    static const Shape side = wordsOf(QStringLiteral("sent, received or both"),
                                      {QStringLiteral("sent"), QStringLiteral("received"), QStringLiteral("both")});
    more.push_back({QStringLiteral("direction"), &side, QStringLiteral("as the client sees it; both unless given")});
    Shape shape = faultShapeWith(what, std::move(more));
    std::ranges::find(shape.fields, QStringLiteral("when"), &Field::name)->need = Need::Optional;
    return shape;
}

LinkSide sideOf(const Node &node)
{
    const Node *side = node.find(u"direction");
    if (side && side->text == u"sent")
        return LinkSide::Sent;
    if (side && side->text == u"received")
        return LinkSide::Received;
    return LinkSide::Both;
}

/// "never" ends no more than what is not said.
std::optional<Duration> lastsOf(const Node &node)
{
    const Node *lasts = node.find(u"lasts");
    const Duration duration = lasts ? readDuration(*lasts) : Duration::max();
    return duration == Duration::max() ? std::nullopt : std::optional(duration);
}

/// offset and bytes, where one of them stands.
std::optional<ByteRange> partOf(const Node &node)
{
    const Node *offset = node.find(u"offset");
    const Node *bytes = node.find(u"bytes");
    if (!offset && !bytes)
        return std::nullopt;
    ByteRange part;
    if (offset)
        part.offset = readCount(*offset);
    if (bytes)
        part.count = readCount(*bytes);
    return part;
}

const QString withoutCloseNotify = QStringLiteral("tls_without_close_notify");

const Shape &howWords()
{
    static const Shape words{.kind = Shape::Kind::Words,
                             .what = QStringLiteral("close (FIN), reset (RST) or tls_without_close_notify"),
                             .words = {QStringLiteral("close"), QStringLiteral("reset"), withoutCloseNotify}};
    return words;
}

const Shape &howShape()
{
    static const Shape status =
        numberShape(leastCloseStatus, mostCloseStatus,
                    QStringLiteral("a status from %1 to %2").arg(leastCloseStatus).arg(mostCloseStatus));
    static const Shape frame =
        mapOf(QStringLiteral("websocket_close"),
              {{QStringLiteral("websocket_close"), &status,
                QStringLiteral("the status of a close frame, such as 1001; FIN follows"), Need::Required}});
    static const Shape shape =
        anyOf(QStringLiteral("close (FIN), reset (RST), tls_without_close_notify or { websocket_close: 1001 }"),
              {&howWords(), &frame});
    return shape;
}

CloseHow readHow(const Node *node)
{
    const Node *status = node ? node->find(u"websocket_close") : nullptr;
    if (status)
        return CloseHow::webSocket(quint16(readCount(*status)));
    if (node && node->text == u"close")
        return CloseHow::Close;
    return node && node->text == withoutCloseNotify ? CloseHow::WithoutCloseNotify : CloseHow::Reset;
}

} // namespace

const Shape &cutShape()
{
    static const auto makeMap = [] {
        Shape shape = faultShapeWith(QStringLiteral("when, how, times"),
                                     {{QStringLiteral("how"), &howShape(), QStringLiteral("reset unless given")}});
        std::ranges::find(shape.fields, QStringLiteral("when"), &Field::name)->need = Need::Optional;
        return shape;
    };
    static const Shape map = makeMap();
    static const Shape shape{.kind = Shape::Kind::Any,
                             .what = QStringLiteral("close, reset, tls_without_close_notify, or { when: …, how: … }"),
                             .any = {&howWords(), &map}};
    return shape;
}

Action readCut(const Node &node, const VerbContext &context)
{
    const CloseHow closeHow = readHow(node.isScalar() ? &node : node.find(u"how"));
    const Node *whenNode = node.find(u"when");
    if (!whenNode)
        return CommandAction{CutLink{context.key, closeHow}};
    const When when = readWhen(whenNode, context);
    return arm(node, context, CutFault{.moment = when.moment, .afterBytes = when.bytes, .how = closeHow});
}

const Shape &silenceShape()
{
    static const Shape shape = linkShapeWith(
        QStringLiteral("direction, lasts, when, times"),
        {{QStringLiteral("lasts"), &durationShape(), QStringLiteral("as long as the connection unless given")}});
    return shape;
}

Action readSilence(const Node &node, const VerbContext &context)
{
    const LinkSide side = sideOf(node);
    const auto lasts = lastsOf(node);
    if (node.find(u"when"))
        return arm(node, context, SilenceFault{side, lasts});
    return CommandAction{SilenceLink{context.key, side, lasts}};
}

const Shape &faultShape()
{
    static const Shape count = numberShape(1, 268'435'460, QStringLiteral("a number of at least 1"));
    static const Shape shape = faultShapeWith(
        QStringLiteral("when, times, offset, bytes"),
        {{QStringLiteral("offset"), &countShape(),
          QStringLiteral("only a part of the packet, from this byte of it on; the first is 0")},
         {QStringLiteral("bytes"), &count, QStringLiteral("only so many bytes of it; all that follow unless given")}});
    return shape;
}

Action readDrop(const Node &node, const VerbContext &context)
{
    return arm(node, context, DropFault{partOf(node)});
}

Action readDuplicate(const Node &node, const VerbContext &context)
{
    return arm(node, context, DuplicateFault{partOf(node)});
}

const Shape &delayShape()
{
    static const Shape shape =
        faultShapeWith(QStringLiteral("by, offset, when, times"),
                       {{QStringLiteral("by"), &durationShape(), QStringLiteral("for how long"), Need::Required},
                        {QStringLiteral("offset"), &countShape(),
                         QStringLiteral("the packet's bytes from this one on; those before it go on at once")}});
    return shape;
}

Action readDelay(const Node &node, const VerbContext &context)
{
    const Node *by = node.find(u"by");
    const Node *offset = node.find(u"offset");
    return arm(node, context, DelayFault{by ? readDuration(*by) : Duration{}, offset ? readCount(*offset) : 0});
}

const Shape &corruptShape()
{
    static const Shape mask = numberShape(1, 255, QStringLiteral("a number from 1 to 255"));
    static const Shape shape = faultShapeWith(
        QStringLiteral("offset, mask, when, times"),
        {{QStringLiteral("offset"), &countShape(), QStringLiteral("which byte of the packet, from 0"), Need::Required},
         {QStringLiteral("mask"), &mask, QStringLiteral("bits that are turned over; 255 unless given")}});
    return shape;
}

Action readCorrupt(const Node &node, const VerbContext &context)
{
    CorruptFault fault;
    if (const Node *offset = node.find(u"offset"))
        fault.offset = readCount(*offset);
    if (const Node *mask = node.find(u"mask"))
        fault.mask = quint8(readCount(*mask));
    return arm(node, context, fault);
}

const Shape &throttleShape()
{
    static const Shape map = linkShapeWith(
        QStringLiteral("rate, direction, lasts, when, times"),
        {{QStringLiteral("rate"), &countShape(), QStringLiteral("bytes a second; 0 for no limit"), Need::Required},
         {QStringLiteral("lasts"), &durationShape(), QStringLiteral("until something else is said unless given")}});
    static const Shape shape =
        anyOf(QStringLiteral("bytes a second, or { rate: …, direction: …, lasts: …, when: … }"), {&countShape(), &map});
    return shape;
}

Action readThrottle(const Node &node, const VerbContext &context)
{
    const Node *rate = node.isMap() ? node.find(u"rate") : &node;
    const ThrottleFault fault{rate ? quint32(readCount(*rate)) : 0, sideOf(node), lastsOf(node)};
    if (node.find(u"when"))
        return arm(node, context, fault);
    return CommandAction{ThrottleLink{context.key, fault.bytesPerSecond, fault.which, fault.lasts}};
}

Action readDisarm(const Node &, const VerbContext &context)
{
    return CommandAction{DisarmFaults{context.key}};
}

} // namespace sessionscope
