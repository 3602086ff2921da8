// Verbs about acknowledgements: held back, released, answered otherwise. What the client sends itself its engine holds;
// what comes from the other end waits on the link, or is changed there.
#include "core/scenario/grammar.h"
#include "core/scenario/scalars.h"
#include "core/scenario/verb_readers.h"

namespace sessionscope {

namespace {

/// Of an exchange, which either end may send.
const QStringList &exchangeWords()
{
    static const QStringList words{QStringLiteral("PUBACK"), QStringLiteral("PUBREC"), QStringLiteral("PUBREL"),
                                   QStringLiteral("PUBCOMP")};
    return words;
}

/// Of a request, which only a server sends.
const QStringList &answerWords()
{
    static const QStringList words{QStringLiteral("SUBACK"), QStringLiteral("UNSUBACK")};
    return words;
}

const Shape &acknowledgementsShape()
{
    static const Shape one = wordsOf(QStringLiteral("an acknowledgement"), exchangeWords() + answerWords());
    static const Shape shape = listOf(QStringLiteral("a list such as [PUBACK, SUBACK]"), one);
    return shape;
}

Shape reasonsShape(const QStringList &words)
{
    Shape shape{.kind = Shape::Kind::Map,
                .what = QStringLiteral("an acknowledgement and a reason code, such as PUBREC: 0x97")};
    for (const QString &word : words)
        shape.fields.push_back({word, &reasonShape(), QStringLiteral("its reason code")});
    return shape;
}

std::vector<PacketType> readTypes(const Node &list)
{
    std::vector<PacketType> types;
    for (const Node &item : list.items)
        types.push_back(packetTypeOf(item.text));
    return types;
}

LabCommand releaseCommand(ClientKey key, const ReleaseAcknowledgements &which, bool isReceived)
{
    return isReceived ? LabCommand(ReleaseReceived{key, which}) : LabCommand(ClientDo{key, which});
}

} // namespace

const Shape &holdShape()
{
    static const Shape map =
        mapOf(QStringLiteral("received"),
              {{QStringLiteral("received"), &acknowledgementsShape(),
                QStringLiteral("what the other end acknowledges; [] for no more of it"), Need::Required}});
    static const Shape shape = anyOf(QStringLiteral("a list such as [PUBACK, SUBACK], or { received: [PUBACK] }"),
                                     {&acknowledgementsShape(), &map});
    return shape;
}

Action readHold(const Node &node, const VerbContext &context)
{
    if (const Node *received = node.find(u"received"))
        return CommandAction{HoldReceived{context.key, readTypes(*received)}};
    return CommandAction{ClientDo{context.key, HoldAcknowledgements{readTypes(node)}}};
}

const Shape &releaseShape()
{
    static const Shape all = wordsOf(QStringLiteral("all"), {QStringLiteral("all")});
    static const Shape id = numberShape(1, 65'535, QStringLiteral("a Packet Identifier, 1 to 65535"));
    static const Shape ids = listOf(QStringLiteral("a list of Packet Identifiers"), id);
    static const Shape map = mapOf(
        QStringLiteral("packet_id, packet_ids, at_once, received"),
        {{QStringLiteral("packet_id"), &id, QStringLiteral("only this one")},
         {QStringLiteral("packet_ids"), &ids, QStringLiteral("these, in this order, whatever is due first")},
         {QStringLiteral("at_once"), &flagShape(),
          QStringLiteral("whatever should go before it: a fault, to see what the other end makes of it")},
         {QStringLiteral("received"), &flagShape(), QStringLiteral("true: of what hold: { received: … } keeps back")}});
    static const Shape shape =
        anyOf(QStringLiteral("all, { packet_id: …, at_once: … } or { packet_ids: […] }"), {&all, &map});
    return shape;
}

Action readRelease(const Node &node, const VerbContext &context)
{
    const Node *received = node.find(u"received");
    const bool isReceived = received && readFlag(*received);
    const Node *id = node.find(u"packet_id");
    const Node *ids = node.find(u"packet_ids");
    const Node *atOnce = node.find(u"at_once");
    if (ids && (id || atOnce))
        context.problems.push_back({node.place, QStringLiteral("packet_ids say which and in which order: expected "
                                                               "neither packet_id nor at_once beside them")});
    if (ids && ids->items.empty())
        context.problems.push_back({ids->place, QStringLiteral("no packet_ids: expected at least one")});
    ReleaseAcknowledgements which;
    if (id)
        which.packetId = PacketId{quint16(readCount(*id))};
    if (atOnce && readFlag(*atOnce))
        which.order = ReleaseOrder::AtOnce;
    std::vector<LabCommand> commands;
    for (const Node &item : ids ? ids->items : std::vector<Node>())
        commands.push_back(
            releaseCommand(context.key, {PacketId{quint16(readCount(item))}, ReleaseOrder::AtOnce}, isReceived));
    if (commands.empty())
        return CommandAction{releaseCommand(context.key, which, isReceived)};
    CommandAction action{std::move(commands.front())};
    commands.erase(commands.begin());
    action.others = std::move(commands);
    return action;
}

const Shape &answerShape()
{
    static const Shape received = reasonsShape(exchangeWords());
    static const auto make = [] {
        Shape shape = reasonsShape(exchangeWords() + answerWords());
        shape.fields.push_back(
            {QStringLiteral("received"), &received, QStringLiteral("the same of what the other end sends")});
        return shape;
    };
    static const Shape shape = make();
    return shape;
}

Action readAnswer(const Node &node, const VerbContext &context)
{
    const Node *received = node.find(u"received");
    const Node &answers = received && received->isMap() ? *received : node;
    if (node.entries.size() != 1 || answers.entries.size() != 1)
        context.problems.push_back({node.place, QStringLiteral("expected one acknowledgement with its reason code")});
    Fault fault;
    for (const Node::Entry &entry : answers.entries) {
        const bool isTheirs = received || answerWords().contains(entry.key);
        fault.match.direction = isTheirs ? Direction::Received : Direction::Sent;
        fault.match.type = packetTypeOf(entry.key);
        fault.kind = AnswerFault{readReason(entry.value)};
    }
    return CommandAction{ArmFault{context.key, fault}};
}

} // namespace sessionscope
