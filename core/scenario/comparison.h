// The same scenarios against several brokers: verdicts side by side, and where the packets of two runs part ways.
// Two packets are the same when they say the same, whatever their time, packet identifier and client id, and whatever
// a broker tells of itself in the properties of CONNACK. Each client's packets are compared for themselves: how those
// of different clients lie between each other is chance.
#pragma once

#include "core/scenario/report.h"

namespace sessionscope {

/// All scenarios against one broker.
struct BrokerColumn
{
    QString broker; ///< "bundled", or its URL
    std::vector<RunResult> runs;
};

struct Comparison
{
    QString program;
    quint64 seed = 1;
    std::vector<BrokerColumn> columns; ///< at least one; all with the same scenarios in the same order
};

/// A row of each of two ladders, by their places in Ladder::rows. Both: the same packet. One: the other has none.
struct AlignedRows
{
    std::optional<std::size_t> left;
    std::optional<std::size_t> right;
    bool operator==(const AlignedRows &) const = default;
};
/// The packets of one client, aligned.
std::vector<AlignedRows> alignPackets(const Ladder &left, const Ladder &right, qsizetype lane);
/// Packets of all clients that only one of the two has.
std::size_t differingPackets(const Ladder &left, const Ladder &right);

/// Whether the brokers do not all come to the same verdict.
bool verdictsDiffer(const Comparison &comparison, std::size_t scenario);

enum class ComparisonFormat : quint8
{
    Text,
    Json,
    Html
};
/// text, json, html
std::optional<ComparisonFormat> comparisonFormatOf(const QString &name);
QString comparisonFormatNames();

QByteArray writeComparison(const Comparison &comparison, ComparisonFormat format);
/// The grid, and the differing packets of those scenarios whose verdicts differ.
QString comparisonText(const Comparison &comparison);
QByteArray comparisonHtml(const Comparison &comparison);

} // namespace sessionscope
