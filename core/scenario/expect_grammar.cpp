// The part of the grammar that stands behind expect, never and until: a subject, and conditions on its facts.
#include "core/scenario/grammar_parts.h"
#include "core/scenario/scalars.h"

namespace sessionscope {

namespace {

using Kind = Shape::Kind;

template<class Source> std::vector<Field> fieldsOf(const FactRows<Source> &rows)
{
    std::vector<Field> fields;
    for (const FactRow<Source> &row : rows)
        fields.push_back({row.name, &constraintShape(row.type, row.words), row.help});
    return fields;
}

Field timesField()
{
    return {QStringLiteral("times"), &constraintShape(FactType::Number),
            QStringLiteral("how often; without it, at least once")};
}

std::vector<Field> withTimes(std::vector<Field> fields)
{
    fields.push_back(timesField());
    return fields;
}

/// The facts of a pattern, and the numbers that it is repeated for.
std::vector<Field> seriesFields(std::vector<Field> fields)
{
    static const Shape number = numberShape(0, 1'000'000, QStringLiteral("a number from 0 to 1000000"));
    fields.push_back({QStringLiteral("from"), &number, QStringLiteral("the first number; 1 unless given")});
    fields.push_back({QStringLiteral("to"), &number, QStringLiteral("the last number"), Need::Required});
    return fields;
}

/// none, one pattern, several, several in this order, or one for each number.
struct ListShapes
{
    Shape pattern;
    Shape numbered;
    Shape series;
    Shape patterns;
    Shape inOrder;
    Shape none;
    Shape shape;

    ListShapes(const QString &what, std::vector<Field> fields)
        : pattern(mapOf(what, fields)), numbered(mapOf(what + QStringLiteral(", from, to"), seriesFields(fields))),
          series(mapOf(QStringLiteral("series"), {{QStringLiteral("series"), &numbered,
                                                   QStringLiteral("a pattern for each number, which {n} stands for: "
                                                                  "none is missing, and they come in their order"),
                                                   Need::Required}})),
          patterns(listOf(QStringLiteral("a list of patterns"), pattern)),
          inOrder(mapOf(QStringLiteral("in_order"),
                        {{QStringLiteral("in_order"), &patterns,
                          QStringLiteral("patterns that are met one after the other"), Need::Required}})),
          none(wordsOf(QStringLiteral("none"), {QStringLiteral("none")})),
          shape(anyOf(QStringLiteral("a list of patterns, { in_order: […] }, { series: … } or none"),
                      {&patterns, &inOrder, &series, &pattern, &none}))
    {
    }
    Q_DISABLE_COPY_MOVE(ListShapes)
};

const Shape &messagesShape()
{
    static const auto makeFields = [] {
        std::vector<Field> fields = fieldsOf(packetFacts());
        fields.push_back(timesField());
        return fields;
    };
    static const ListShapes shapes(QStringLiteral("facts of a message and times"), makeFields());
    return shapes.shape;
}

const Shape &packetsShape()
{
    static const auto makeFields = [] {
        std::vector<Field> fields{
            {QStringLiteral("sent"), &packetTypeShape(), QStringLiteral("a packet of this type that the client sent")},
            {QStringLiteral("received"), &packetTypeShape(),
             QStringLiteral("a packet of this type that the client received")}};
        for (Field &field : fieldsOf(packetFacts()))
            fields.push_back(std::move(field));
        fields.push_back(timesField());
        return fields;
    };
    static const ListShapes shapes(QStringLiteral("sent or received, facts of the packet, and times"), makeFields());
    return shapes.shape;
}

const Shape &closedShape()
{
    static const Shape map = mapOf(QStringLiteral("by, reason, times"), withTimes(fieldsOf(closeFacts())));
    static const Shape none = wordsOf(QStringLiteral("none"), {QStringLiteral("none")});
    static const Shape shape = anyOf(QStringLiteral("{ by: server, reason: 0x8E } or none"), {&map, &none});
    return shape;
}

const Shape &willsShape()
{
    static const auto makeFields = [] {
        std::vector<Field> fields = fieldsOf(willFacts());
        fields.push_back(timesField());
        return fields;
    };
    static const ListShapes shapes(QStringLiteral("client, topic, payload, qos, retain, after, times"), makeFields());
    return shapes.shape;
}

const Shape &atCutShape()
{
    static const Shape shape =
        mapOf(QStringLiteral("client, session"),
              {{QStringLiteral("client"), &clientStateShape(), QStringLiteral("the client's end")},
               {QStringLiteral("session"), &sessionStateShape(), QStringLiteral("the broker's end")}});
    return shape;
}

const Shape &findingsShape()
{
    static const Shape list = listOf(QStringLiteral("a list of statements"), statementShape());
    static const Shape none = wordsOf(QStringLiteral("none"), {QStringLiteral("none")});
    static const Shape shape =
        anyOf(QStringLiteral("none, or a list of statements such as [MQTT-3.1.0-2]"), {&list, &none});
    return shape;
}

} // namespace

const Shape &connackShape()
{
    static const Shape shape = mapOf(QStringLiteral("facts of a CONNACK, times"), withTimes(fieldsOf(packetFacts())));
    return shape;
}

const Shape &clientStateShape()
{
    static const Shape shape = mapOf(QStringLiteral("facts of the client's end"), fieldsOf(clientFacts()));
    return shape;
}

const Shape &sessionStateShape()
{
    static const Shape shape = mapOf(QStringLiteral("facts of the session at the broker"), fieldsOf(serverFacts()));
    return shape;
}

const Shape &brokerStateShape()
{
    static const Shape shape = mapOf(QStringLiteral("facts of the broker"), fieldsOf(brokerFacts()));
    return shape;
}

const Shape &expectShape()
{
    static const auto make = [] {
        Shape shape = mapOf(
            QStringLiteral("a subject: connack, received, packets, closed, client, session, at_cut, findings, broker, "
                           "CLIENT.received, broker.sessions.CLIENT"),
            {{QStringLiteral("connack"), &connackShape(), QStringLiteral("the CONNACK that this client got")},
             {QStringLiteral("received"), &messagesShape(),
              QStringLiteral("messages handed to this client's application")},
             {QStringLiteral("packets"), &packetsShape(), QStringLiteral("packets that this client sent or received")},
             {QStringLiteral("closed"), &closedShape(), QStringLiteral("how this client's connection ended")},
             {QStringLiteral("client"), &clientStateShape(), QStringLiteral("this client's end of the session")},
             {QStringLiteral("session"), &sessionStateShape(),
              QStringLiteral("the broker's end of this client's session")},
             {QStringLiteral("at_cut"), &atCutShape(),
              QStringLiteral("both ends as they were when this client's latest connection had ended")},
             {QStringLiteral("findings"), &findingsShape(),
              QStringLiteral("statements that were broken, all and only these")},
             {QStringLiteral("broker"), &brokerStateShape(), QStringLiteral("the bundled broker")},
             {QStringLiteral("broker.wills"), &willsShape(), QStringLiteral("wills that the broker published")}});
        const QString name = nameExpression();
        shape.otherNames = {{QStringLiteral("no_findings"), QStringLiteral("findings: none")}};
        shape.patterns = {
            {name + QStringLiteral("\\.connack"), &connackShape(), QStringLiteral("of the client of this name")},
            {name + QStringLiteral("\\.received"), &messagesShape(), QStringLiteral("of the client of this name")},
            {name + QStringLiteral("\\.packets"), &packetsShape(), QStringLiteral("of the client of this name")},
            {name + QStringLiteral("\\.closed"), &closedShape(), QStringLiteral("of the client of this name")},
            {name + QStringLiteral("\\.client"), &clientStateShape(), QStringLiteral("of the client of this name")},
            {name + QStringLiteral("\\.at_cut"), &atCutShape(), QStringLiteral("of the client of this name")},
            {QStringLiteral("broker\\.sessions\\.") + name, &sessionStateShape(),
             QStringLiteral("the broker's end of this client's session")}};
        return shape;
    };
    static const Shape shape = make();
    return shape;
}

} // namespace sessionscope
