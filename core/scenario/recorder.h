// What was done and seen, as a scenario: the commands that were given become steps, what followed of each becomes what
// it expects, and both ends as they were at rest become what is expected at the end. Playing it does the same again.
// Messages that no recorded client published are published by a client of their own, so that the file needs nobody
// else.
#pragma once

#include "core/scenario/evidence.h"

#include "core/lab/lab.h"

#include <deque>
#include <map>
#include <set>

namespace sessionscope {

class Recorder
{
public:
    /// What follows a command later than this is expected of the wait behind it.
    static constexpr Duration promptly = std::chrono::seconds(2);
    /// Pauses from here on are part of what was done.
    static constexpr Duration pauseFrom = std::chrono::milliseconds(500);
    /// Without anything happening for so long, both ends are at rest, and how they are is worth expecting. Of commands
    /// that follow each other faster it cannot be told which of them brought what.
    static constexpr Duration restAfter = std::chrono::milliseconds(50);
    /// Commands that a recording holds; later ones are left out, and its text says so.
    static constexpr std::size_t stepLimit = 10'000;
    /// Records that it looks at; what comes behind them is left out, and its text says so.
    static constexpr quint64 recordLimit = 1'000'000;

    /// name: of the scenario. bundled: where the bundled broker listens, if it plays a part.
    explicit Recorder(QString name, std::optional<Endpoint> bundled = {});

    /// A recording that begins later than the lab: call it first, with the lab as it is then. The file begins with what
    /// brings clients there again: their connects, subscriptions and held acknowledgements. Messages that are under way
    /// are not brought there; the file says how many there were. added: how the clients came, as keepAdded() has it,
    /// for TLS and enhanced authentication, which the view leaves out; passwords and data are not looked at.
    void beginFrom(const LabView &view, const std::map<ClientKey, AddClient> &added = {});
    /// Keeps of a command what beginFrom() wants to know, and no password.
    static void keepAdded(std::map<ClientKey, AddClient> &added, const LabCommand &command);
    /// In the order in which the lab gets them; from its beginning on, or from where the recording began.
    void submitted(const LabCommand &command);
    /// Every record of the trace, in order.
    void look(const TraceRecord &record);
    /// The lab as it is behind all records so far.
    void look(const LabView &view);
    /// So many records never came to look(), because they came too fast; the file says so.
    void missed(quint64 records) { m_missed += records; }

    void setName(const QString &name) { m_name = name; }
    const QString &name() const { return m_name; }
    /// Commands so far.
    std::size_t steps() const { return m_periods.size() - m_arrangedPeriods; }
    /// The environment variables that the file takes passwords from.
    QStringList passwordVariables() const;
    /// The variables that the file demands for what authentication methods send.
    QStringList dataVariables() const;
    /// Whether every client connects to the bundled broker, so that the file plays on the virtual clock.
    bool isBundledOnly() const;

    /// A scenario file. Passwords are not in it: its clients have them by reference, see passwordVariable().
    QByteArray file() const;
    /// The environment variable that the file takes the password of this client from: DOOR_PASSWORD for door.
    static QString passwordVariable(const QString &clientName);
    /// The variable of the file for the n-th of the data that its authentication sends, from 1: DOOR_AUTH_1.
    static QString dataVariable(const QString &clientName, std::size_t number);

private:
    /// From one command to the next.
    struct Period
    {
        std::optional<LabCommand> command; ///< none: before the first one
        ClientKey client;                  ///< whose it is; none: the broker's
        Instant at;
        Instant lastSeen = at; ///< when its latest record came
        Evidence prompt;       ///< what was seen promptly
        Evidence later;
        bool isRefused = false;
        bool isInserted = false;     ///< for what came from elsewhere, before what had brought it
        std::optional<LabView> rest; ///< how it was at the end, if all was quiet
    };
    struct Recorded
    {
        QString name; ///< in the file
        Endpoint broker;
        ClientPolicy policy;
        bool hasPassword = false;
        QByteArray method;          ///< of enhanced authentication; empty: none
        QByteArray provedUser;      ///< whose password the method proves
        std::size_t scriptSize = 0; ///< data that it sends
        std::vector<Node> connects; ///< the fields of each of its connects
    };
    /// A message by what tells it from others: topic and payload.
    using Content = std::pair<QByteArray, QByteArray>;

    void begin(const LabCommand &command, Instant at);
    void arrange(const ClientView &client, const BrokerView &broker);
    void arrange(const ClientView &client, const QList<SubscriptionView> &subscriptions);
    void arrange(ClientKey client, const ClientCommand &command)
    {
        arrange(client, LabCommand(ClientDo{client, command}));
    }
    void arrange(ClientKey client, const LabCommand &command);
    void remove(ClientKey client, Instant at);
    void noteLink(const TraceRecord &record);
    void add(const AddClient &client);
    static void takeAuthentication(Recorded &client, const std::optional<Authentication> &authentication);
    void dropMissed(const QString &text);
    void takeConnect(Recorded &client, ConnectPacket connect);
    void takeDelivered(const TraceRecord &record, const PublishPacket &publish);
    void publishFromElsewhere(const TraceRecord &record, const PublishPacket &publish);
    bool isSeen(ClientKey client) const { return m_clients.contains(client); }
    bool isBundled(const Endpoint &broker) const { return m_bundled && isSameListener(broker, *m_bundled); }
    friend class RecordingWriter;

    QString m_name;
    std::optional<Endpoint> m_bundled;
    std::deque<LabCommand> m_submitted; ///< that the trace has not shown yet
    std::vector<Period> m_periods{Period{}};
    std::map<ClientKey, Recorded> m_clients;
    ClientKey m_others; ///< who publishes what comes from elsewhere; none: nothing did
    Instant m_latest;
    std::map<ClientKey, quint8> m_lastReason;
    std::map<Content, quint32> m_published;                      ///< by recorded clients
    std::map<std::pair<ClientKey, Content>, quint32> m_received; ///< by each of them
    std::set<TraceSeq> m_changed;      ///< faults that double or change packets, and all that followed from them
    quint64 m_leftOut = 0;             ///< commands behind stepLimit, or among the missed records
    quint64 m_seen = 0;                ///< records
    quint64 m_missed = 0;              ///< records
    std::set<ClientKey> m_linked;      ///< clients with a connection
    std::size_t m_arrangedPeriods = 1; ///< the one before the first command, and beginFrom()'s
    qsizetype m_underWay = 0;          ///< messages, when the recording began
};

} // namespace sessionscope
