// One run of many clients against the bundled broker over a network that fails in every way it can, all drawn from one
// seed. What happened is in the trace; what must never happen is looked for while it happens
// (core/scenario/invariants).
#pragma once

#include "core/lab/virtual_driver.h"
#include "core/scenario/invariants.h"
#include "tests/simulation/chance.h"

#include <set>

namespace sessionscope {

/// How much a run does: enough for every fault to meet every other one over a few thousand seeds.
struct SimulationSize
{
    int rounds = 3;
    int actionsPerRound = 20;
};

class Simulation
{
public:
    explicit Simulation(quint64 seed, SimulationSize size = {});
    Q_DISABLE_COPY_MOVE(Simulation)

    /// Plays the run to its end, or to the first breach.
    void run();

    /// What was broken, one line each; empty when nothing was.
    QStringList failures() const;
    /// The record that shows the first breach, or the last record.
    TraceSeq failedAt() const;
    quint64 doubts() const { return m_invariants.doubts(); }
    quint64 recordsSeen() const { return m_invariants.recordsSeen(); }
    /// Times that a fault acted on a packet.
    quint64 faultsActed() const { return m_faultsActed; }
    /// Messages that applications got.
    quint64 delivered() const;
    /// The trace as text, up to and including last; at most the given number of lines.
    QString traceText(TraceSeq last, qsizetype lines) const;

private:
    struct Player
    {
        ClientKey key;
        QByteArray clientId;
        Version version = Version::V5;
        bool usesCleanSession = false; ///< before 5.0
    };

    // setting up
    BrokerConfig drawConfig();
    void addPlayer(quint32 number);

    // actions of applications
    void act();
    void connect(Player &player);
    ConnectPacket drawConnect(const Player &player);
    void publish(const Player &player);
    void subscribe(const Player &player);
    void unsubscribe(const Player &player);
    void disconnect(const Player &player);
    void restart(Player &player);

    // faults
    void harm();
    void cutAtAByte();
    void armFault();
    void endFaults();
    void freeze();
    void thaw();
    void deliverSome();
    void passTime();
    void orderBroker();
    void loseBroker();

    // rest
    void comeToRest();
    void reconnectAll();
    void endAll();
    void expectNothingLeft();

    void submit(const LabCommand &command);
    void look();
    Player &anyPlayer() { return m_players[m_chance.below(quint32(m_players.size()))]; }
    ClientSession &sessionOf(const Player &player) { return m_driver.lab().clients.at(player.key).session; }
    LinkId linkOf(const Player &player) const { return m_driver.lab().clients.at(player.key).link; }
    bool isClosed(const Player &player) { return sessionOf(player).connection == ClientConnection::Closed; }
    bool isConnected(const Player &player) { return sessionOf(player).connection == ClientConnection::Connected; }
    QByteArray drawTopic() { return m_chance.pick<const char *>({"a", "a", "b", "c/d", "c/e", "s"}); }
    Qos drawQos() { return Qos(m_chance.below(3)); }
    QByteArray drawPayload();
    void fail(const QString &what);

    Chance m_chance;
    SimulationSize m_size;
    BrokerConfig m_config;
    VirtualDriver m_driver;
    Invariants m_invariants;
    std::vector<Player> m_players;
    std::set<LinkId> m_frozen; ///< ends that get no bytes
    TraceSeq m_seen;
    quint64 m_faultsActed = 0;
    QStringList m_failures; ///< what the run itself found
    quint32 m_lastPayload = 0;
};

} // namespace sessionscope
