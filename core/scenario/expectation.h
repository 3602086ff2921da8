// What a scenario expects, as a value: a subject, and the conditions on its facts. Evaluating one looks at what
// happened so far and at both ends as they are; it changes nothing and can be asked again and again.
#pragma once

#include "core/scenario/fact.h"

namespace sessionscope {

struct Evidence;

enum class Subject : quint8
{
    Connack,     ///< of a client: the newest
    Received,    ///< of a client: messages handed to its application
    Packets,     ///< of a client: both directions
    Closed,      ///< of a client: the end of its connection
    Client,      ///< of a client: its end's state
    Session,     ///< of a client: the server's end
    ClientAtCut, ///< the same two, when its latest connection had ended
    SessionAtCut,
    Broker,
    Wills,
    Findings,
};

/// Conditions that one candidate has to meet together, and how many have to.
struct Pattern
{
    std::optional<Direction> direction; ///< of Packets
    std::optional<PacketType> type;     ///< of Packets
    std::vector<Condition> conditions;
    Condition times; ///< on the number of candidates; without any bound: at least one
    QString text;    ///< "topic: a, times: 1"
};

enum class Ordering : quint8
{
    Any,
    AsListed ///< each pattern's first match comes after the one before it
};

struct Expectation
{
    Place place;
    Subject subject = Subject::Connack;
    ClientKey client;    ///< of the subjects that have one
    QByteArray clientId; ///< of Session, when no client of the scenario is meant
    QByteArray name;     ///< of the client, for reports
    std::vector<Pattern> patterns;
    Ordering ordering = Ordering::Any;
    QStringList findings; ///< of Findings: exactly these statements; empty: none
};

enum class Met : quint8
{
    Yes,
    NotYet,
    Never,       ///< whatever comes, it will not be
    Unsupported, ///< it is about the inside of a broker that cannot be looked into
};
struct Judgement
{
    Met met = Met::NotYet;
    QString waitedFor;
    QString closest; ///< what was there instead
    TraceSeq at;     ///< the record of the closest; 0: none
};

/// Events count that came after this record.
Judgement judge(const Expectation &expectation, const Evidence &evidence, const LabView &view, TraceSeq after);

} // namespace sessionscope
