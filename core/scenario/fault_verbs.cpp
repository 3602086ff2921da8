// Verbs about acknowledgements that are held, and about connections that break in every way there is.
#include "core/scenario/grammar.h"
#include "core/scenario/scalars.h"
#include "core/scenario/verb_readers.h"

namespace sessionscope {

namespace {

const Shape &acknowledgementShape()
{
    static const Shape shape{.kind = Shape::Kind::Words,
                             .what = QStringLiteral("an acknowledgement"),
                             .words = {QStringLiteral("PUBACK"), QStringLiteral("PUBREC"), QStringLiteral("PUBREL"),
                                       QStringLiteral("PUBCOMP")}};
    return shape;
}

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

LinkSide sideOf(const Node *node)
{
    if (node && node->text == u"sent")
        return LinkSide::Sent;
    if (node && node->text == u"received")
        return LinkSide::Received;
    return LinkSide::Both;
}

} // namespace

const Shape &holdShape()
{
    static const Shape shape{.kind = Shape::Kind::List,
                             .what = QStringLiteral("a list such as [PUBACK, PUBREC]"),
                             .item = &acknowledgementShape()};
    return shape;
}

Action readHold(const Node &node, const VerbContext &context)
{
    HoldAcknowledgements command;
    for (const Node &item : node.items)
        command.types.push_back(packetTypeOf(item.text));
    return CommandAction{ClientDo{context.key, command}};
}

const Shape &releaseShape()
{
    static const Shape all{.kind = Shape::Kind::Words, .what = QStringLiteral("all"), .words = {QStringLiteral("all")}};
    static const Shape id = numberShape(1, 65'535, QStringLiteral("a Packet Identifier, 1 to 65535"));
    static const Shape ids = listOf(QStringLiteral("a list of Packet Identifiers"), id);
    static const Shape map{
        .kind = Shape::Kind::Map,
        .what = QStringLiteral("packet_id, packet_ids, at_once"),
        .fields = {{QStringLiteral("packet_id"), &id, QStringLiteral("only this one")},
                   {QStringLiteral("packet_ids"), &ids, QStringLiteral("these, in this order, whatever is due first")},
                   {QStringLiteral("at_once"), &flagShape(),
                    QStringLiteral("whatever should go before it: a fault, to see what the other end makes of it")}}};
    static const Shape shape{.kind = Shape::Kind::Any,
                             .what = QStringLiteral("all, { packet_id: …, at_once: … } or { packet_ids: […] }"),
                             .any = {&all, &map}};
    return shape;
}

namespace {

/// One step after the other, in a branch of their own.
Action releaseInOrder(const Node &ids, const VerbContext &context)
{
    Branch branch;
    for (const Node &item : ids.items) {
        const ReleaseAcknowledgements command{PacketId{quint16(readCount(item))}, ReleaseOrder::AtOnce};
        branch.steps.push_back({.place = item.place,
                                .text = QStringLiteral("release ") + item.text,
                                .action = CommandAction{ClientDo{context.key, command}}});
    }
    return ParallelAction{std::make_shared<const std::vector<Branch>>(1, std::move(branch))};
}

} // namespace

Action readRelease(const Node &node, const VerbContext &context)
{
    if (const Node *ids = node.find(u"packet_ids")) {
        if (node.entries.size() > 1)
            context.problems.push_back({node.place, QStringLiteral("packet_ids say which and in which order: expected "
                                                                   "nothing beside them")});
        return releaseInOrder(*ids, context);
    }
    ReleaseAcknowledgements command;
    if (const Node *id = node.find(u"packet_id"))
        command.packetId = PacketId{quint16(readCount(*id))};
    if (const Node *atOnce = node.find(u"at_once"); atOnce && readFlag(*atOnce))
        command.order = ReleaseOrder::AtOnce;
    return CommandAction{ClientDo{context.key, command}};
}

const Shape &answerShape()
{
    static const Shape shape{
        .kind = Shape::Kind::Map,
        .what = QStringLiteral("an acknowledgement and a reason code, such as PUBREC: 0x97"),
        .fields = {{QStringLiteral("PUBACK"), &reasonShape(), QStringLiteral("its reason code")},
                   {QStringLiteral("PUBREC"), &reasonShape(), QStringLiteral("its reason code")},
                   {QStringLiteral("PUBREL"), &reasonShape(), QStringLiteral("its reason code")},
                   {QStringLiteral("PUBCOMP"), &reasonShape(), QStringLiteral("its reason code")}}};
    return shape;
}

Action readAnswer(const Node &node, const VerbContext &context)
{
    if (node.entries.size() != 1)
        context.problems.push_back({node.place, QStringLiteral("expected one acknowledgement with its reason code")});
    Fault fault;
    for (const Node::Entry &entry : node.entries) {
        fault.match.type = packetTypeOf(entry.key);
        fault.kind = AnswerFault{readReason(entry.value)};
    }
    return CommandAction{ArmFault{context.key, fault}};
}

namespace {

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
    static const Shape side{.kind = Shape::Kind::Words,
                            .what = QStringLiteral("sent, received or both"),
                            .words = {QStringLiteral("sent"), QStringLiteral("received"), QStringLiteral("both")}};
    static const auto make = [] {
        Shape shape = faultShapeWith(
            QStringLiteral("direction, lasts, when"),
            {{QStringLiteral("direction"), &side, QStringLiteral("as the client sees it; both unless given")},
             {QStringLiteral("lasts"), &durationShape(), QStringLiteral("as long as the connection unless given")}});
        std::ranges::find(shape.fields, QStringLiteral("when"), &Field::name)->need = Need::Optional;
        return shape;
    };
    static const Shape shape = make();
    return shape;
}

Action readSilence(const Node &node, const VerbContext &context)
{
    const LinkSide side = sideOf(node.find(u"direction"));
    std::optional<Duration> lasts;
    if (const Node *given = node.find(u"lasts"))
        lasts = readDuration(*given);
    if (node.find(u"when"))
        return arm(node, context, SilenceFault{side, lasts});
    return CommandAction{SilenceLink{context.key, side, lasts}};
}

const Shape &faultShape()
{
    static const Shape shape = faultShapeWith(QStringLiteral("when, times"), {});
    return shape;
}

Action readDrop(const Node &node, const VerbContext &context)
{
    return arm(node, context, DropFault{});
}

Action readDuplicate(const Node &node, const VerbContext &context)
{
    return arm(node, context, DuplicateFault{});
}

const Shape &delayShape()
{
    static const Shape shape =
        faultShapeWith(QStringLiteral("by, when, times"),
                       {{QStringLiteral("by"), &durationShape(), QStringLiteral("for how long"), Need::Required}});
    return shape;
}

Action readDelay(const Node &node, const VerbContext &context)
{
    const Node *by = node.find(u"by");
    return arm(node, context, DelayFault{by ? readDuration(*by) : Duration{}});
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
    return countShape();
}

Action readThrottle(const Node &node, const VerbContext &context)
{
    return CommandAction{ThrottleLink{context.key, quint32(readCount(node))}};
}

Action readDisarm(const Node &, const VerbContext &context)
{
    return CommandAction{DisarmFaults{context.key}};
}

} // namespace sessionscope
