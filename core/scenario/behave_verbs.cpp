// The verbs that have an end misbehave on purpose.
#include "core/scenario/scalars.h"
#include "core/scenario/verb_readers.h"

namespace sessionscope {

namespace {

constexpr QLatin1String noWay("none");

template<class Way> const Shape &wayShape()
{
    static const Shape shape =
        wordsOf(QStringLiteral("a misbehaviour, or none"), QStringList{QString(noWay)} + misbehaviourNames<Way>());
    return shape;
}

/// One, or a list of them.
template<class Way> const Shape &waysShape()
{
    static const Shape list = listOf(QStringLiteral("a list of misbehaviours"), wayShape<Way>());
    static const Shape shape =
        anyOf(QStringLiteral("a misbehaviour, a list of them, or none"), {&wayShape<Way>(), &list});
    return shape;
}

template<class Way> Ways<Way> readWays(const Node &node)
{
    Ways<Way> ways;
    const auto read = [&ways](const Node &one) {
        if (const auto way = misbehaviourOf<Way>(one.text))
            ways.add(*way);
    };
    if (node.isScalar())
        read(node);
    for (const Node &item : node.items)
        read(item);
    return ways;
}

} // namespace

const Shape &brokerBehaveShape()
{
    static const Shape towards = mapOf(
        QStringLiteral("client, with"),
        {{QStringLiteral("client"), &textShape(), QStringLiteral("towards whom"), Need::Required},
         {QStringLiteral("with"), &waysShape<BrokerMisbehaviour>(), QStringLiteral("in which ways"), Need::Required}});
    static const Shape list = listOf(QStringLiteral("a list of misbehaviours"), wayShape<BrokerMisbehaviour>());
    static const Shape shape = anyOf(QStringLiteral("a misbehaviour, a list of them, none, or { client: …, with: … }"),
                                     {&wayShape<BrokerMisbehaviour>(), &list, &towards});
    return shape;
}

Action readBrokerBehave(const Node &node, const VerbContext &context)
{
    MisbehaveBroker command;
    const Node *with = node.find(u"with");
    if (const Node *client = node.find(u"client"))
        command.clientId = clientIdOf(*client, context);
    command.ways = readWays<BrokerMisbehaviour>(with ? *with : node);
    return CommandAction{command};
}

const Shape &clientBehaveShape()
{
    return waysShape<ClientMisbehaviour>();
}

Action readClientBehave(const Node &node, const VerbContext &context)
{
    return CommandAction{MisbehaveClient{context.key, readWays<ClientMisbehaviour>(node)}};
}

} // namespace sessionscope
