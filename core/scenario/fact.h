// What can be asked about packets, messages, sessions and the broker: one row a fact, with its name in scenarios, what
// it is, and where it is found. Expectations, their help, the schema and failure reports all read these tables.
#pragma once

#include "core/scenario/shape.h"

#include "core/trace/session_view.h"

#include <map>
#include <memory>

namespace sessionscope {

/// Absent, yes or no, a number, a length of time, a text, a list of texts.
using FactValue = std::variant<std::monostate, bool, qint64, Duration, QByteArray, QByteArrayList>;

/// As a scenario would write it.
QString factText(const FactValue &value);
/// The same for reports, which authentication data have no place in.
QString shownText(const QString &fact, const FactValue &value);

enum class FactType : quint8
{
    Flag,
    Number,
    Time,
    Text,
    Words,      ///< one of a few
    ReasonCode, ///< by the standard's name in snake_case, or its number
    Texts,      ///< a list of texts
};

/// A packet as one end saw it.
struct SeenPacket
{
    TraceSeq seq;
    Instant at;
    ClientKey client;
    Direction direction = Direction::Sent;
    Packet packet;
};

/// The end of a client's connection.
struct SeenClose
{
    TraceSeq seq;
    Instant at;
    ClientKey client;
    LinkChange change = LinkChange::ClosedByPeer;
    std::optional<quint8> reason; ///< of the DISCONNECT or refusing CONNACK that came before it
};

struct SeenWill
{
    TraceSeq seq;
    Instant at;
    QByteArray clientId;
    QByteArray topic;
    QByteArray payload;
    Qos qos = Qos::AtMostOnce;
    bool retain = false;
    Duration after{}; ///< the end of its client's connection
};

/// Both ends as they were when a connection of a client had ended, however, and both had dealt with it.
struct SeenCut
{
    TraceSeq seq; ///< its end
    std::shared_ptr<const LabView> view;
};

struct SeenFinding
{
    TraceSeq seq;
    Instant at;
    ClientKey client;
    rules::Finding finding;
};

/// A moment's state of one end.
struct ClientMoment
{
    const ClientView *view = nullptr;
    Instant at;
};
struct ServerMoment
{
    const ServerSessionView *view = nullptr; ///< nullptr: there is no session
    Instant at;
};
struct BrokerMoment
{
    const BrokerView *view = nullptr;
};

template<class Source> struct FactRow
{
    QString name;
    FactType type = FactType::Number;
    QString help;
    std::function<FactValue(const Source &)> get;
    QStringList words = {}; ///< of Words
};
template<class Source> using FactRows = std::vector<FactRow<Source>>;

const FactRows<SeenPacket> &packetFacts();
const FactRows<SeenClose> &closeFacts();
const FactRows<SeenWill> &willFacts();
const FactRows<ClientMoment> &clientFacts();
const FactRows<ServerMoment> &serverFacts();
const FactRows<BrokerMoment> &brokerFacts();

/// One condition on one fact.
struct Condition
{
    QString fact;
    std::size_t row = 0; ///< of the subject's table
    std::optional<FactValue> equals;
    std::optional<FactValue> atLeast;
    std::optional<FactValue> atMost;
    QByteArray contains; ///< of texts; empty: not asked
};

bool holds(const Condition &condition, const FactValue &value);
/// "dup: true", "expires_in: at least 1h"
QString conditionText(const Condition &condition);

/// What may stand behind a fact's name.
const Shape &constraintShape(FactType type, const QStringList &words = {});
/// The value that a scalar stands for. It must have the shape.
FactValue readFactValue(FactType type, const Node &node);
/// The condition that stands behind a fact's name.
Condition readCondition(const QString &fact, std::size_t row, FactType type, const Node &node);

/// "closed", "connecting", "connected" or "closing".
QByteArray connectionWord(ClientConnection connection);

/// "session_expiry_interval" for "Session Expiry Interval".
QString snakeCase(const char *name);
/// The code of the standard's name in snake_case, or of a number.
std::optional<quint8> reasonOf(const QString &text);

} // namespace sessionscope
