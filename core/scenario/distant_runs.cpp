#include "core/scenario/distant_runs.h"

#include "core/mqtt/topic.h"
#include "core/scenario/write_command.h"

namespace sessionscope {

namespace {

bool isTopicKey(const QString &key)
{
    return key == u"topic" || key == u"filter" || key == u"response_topic";
}

bool isFilterVerb(const QString &key)
{
    return key == u"subscribe" || key == u"unsubscribe";
}

/// In front of the topic levels; of a shared subscription behind its name.
QString withPrefix(const QString &topic, const QString &tag)
{
    const QByteArray text = topic.toUtf8();
    const auto shared = parseSharedFilter(text);
    if (!shared)
        return topic.startsWith(u'$') ? topic : tag + u'/' + topic;
    const qsizetype inner = text.size() - shared->filter.size();
    return QString::fromUtf8(text.left(inner)) + tag + u'/' + QString::fromUtf8(text.mid(inner));
}

} // namespace

Node withOwnNames(Node node, const QString &tag)
{
    for (Node &item : node.items)
        item = withOwnNames(std::move(item), tag);
    for (Node::Entry &entry : node.entries) {
        Node &value = entry.value;
        if (value.isScalar() && (isTopicKey(entry.key) || isFilterVerb(entry.key)))
            value.text = withPrefix(value.text, tag);
        else if (value.isScalar() && entry.key == u"client_id" && !value.text.isEmpty())
            value.text += u'-' + tag;
        else if (value.isList() && isFilterVerb(entry.key)) {
            for (Node &item : value.items)
                item = item.isScalar() ? scalarNode(withPrefix(item.text, tag)) : withOwnNames(std::move(item), tag);
        } else {
            value = withOwnNames(std::move(value), tag);
        }
    }
    return node;
}

QByteArray distantFile(const Scenario &scenario, const QString &what, const std::vector<Node> &steps,
                       const Endpoint &broker, const QString &tag)
{
    Node root = mapNode(QStringLiteral("scenario"), scalarNode(scenario.name + QStringLiteral(": ") + what));
    setEntry(root, QStringLiteral("broker"), brokerNode(broker));
    Node clients = *scenario.source->find(u"clients");
    if (tag.isEmpty()) {
        setEntry(root, QStringLiteral("clients"), std::move(clients));
        setEntry(root, QStringLiteral("steps"), listNode(steps));
        return writeDocument(root);
    }
    for (Node::Entry &client : clients.entries) {
        if (!client.value.find(u"client_id"))
            setEntry(client.value, QStringLiteral("client_id"), scalarNode(client.key));
    }
    setEntry(root, QStringLiteral("clients"), withOwnNames(std::move(clients), tag));
    setEntry(root, QStringLiteral("steps"), withOwnNames(listNode(steps), tag));
    return writeDocument(root);
}

void takeResult(DistantRuns &all, const DistantRun &run, const RunResult &result)
{
    ExploreCell &cell = all.exploration.cells[run.cell];
    cell.breaches = result.breaches;
    if (!result.breaches.empty())
        cell.outcome = CellOutcome::Breach;
    else
        cell.outcome = result.verdict == Verdict::Passed ? CellOutcome::Ok : CellOutcome::Stuck;
    if (cell.outcome == CellOutcome::Stuck && !result.failures.empty()) {
        const Failure &failure = result.failures.front();
        cell.stuckAt =
            QStringLiteral("%1: expected %2, found %3").arg(failure.step, failure.waitedFor, failure.closest);
    }
    const auto isNew = [&](const Breach &breach) {
        return std::ranges::none_of(all.exploration.counterexamples, [&breach](const Counterexample &one) {
            return one.breach.invariant == breach.invariant;
        });
    };
    for (const Breach &breach : cell.breaches) {
        if (!isNew(breach))
            continue;
        all.exploration.counterexamples.push_back(
            {.breach = breach, .cell = cellText(all.exploration, cell), .file = run.file, .isReproduced = true});
        all.exampleCells.push_back(run.cell);
    }
}

} // namespace sessionscope
