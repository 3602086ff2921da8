// What was seen, as the patterns that a scenario file expects it by. For the recorder's file only.
#pragma once

#include "core/scenario/fact.h"
#include "core/scenario/write_document.h"

namespace sessionscope {

/// Messages or packets that look alike, and how many there were.
class Tally
{
public:
    void add(const Node &pattern);
    bool isEmpty() const { return m_rows.empty(); }
    /// A list of the patterns, each with its times.
    Node node() const;

private:
    struct Row
    {
        QByteArray text;
        Node pattern;
        quint64 times = 0;
    };
    std::vector<Row> m_rows;
};

/// A message by its topic, and by its payload where that is text.
Node messagePattern(const PublishPacket &publish);
/// Answers to what was asked, and what came or went again. The rest are others' affairs or the scenario's own.
std::optional<Node> packetPattern(const SeenPacket &seen);
Node connackPattern(const ConnackPacket &connack);
Node closedPattern(const SeenClose &close);

/// A fact's name and its value as a file says it.
using FactTexts = std::vector<std::pair<QString, QString>>;
/// What is worth expecting of an end at rest: everything but what time or chance decides.
FactTexts lastingFacts(const ClientMoment &moment);
FactTexts lastingFacts(const ServerMoment &moment);
/// Whether a fact goes without saying, as long as it has not changed.
bool isNothing(const QString &factText);

} // namespace sessionscope
