// Carries out what a lab asks for on a network and tells the lab what the network reports: the part that the real and
// the virtual clock share. Reads no clock itself; whoever owns it says what time it is.
#pragma once

#include "core/lab/lab.h"

#include <functional>

namespace sessionscope {

class Driver final : public LinkSink
{
public:
    using Clock = std::function<Instant()>;

    /// lab and network must outlive the driver; the network's sink is set, and taken back at the end. Without a maker
    /// there are scripted authenticators only.
    Driver(Lab &lab, Network &network, Clock clock, MakeAuthenticator makeAuthenticator = {});
    ~Driver() override;
    Q_DISABLE_COPY_MOVE(Driver)

    /// Called at the end of every turn, command and tick, when all that they caused has been carried out.
    void setAfterFlush(std::function<void()> afterFlush) { m_afterFlush = std::move(afterFlush); }

    /// One command, and everything it asks of the network, up to the flush.
    void submit(const LabCommand &command);
    /// The same without the flush, which the owner owes: for many commands at once.
    void carryOut(const LabCommand &command) { feedBytes(command); }
    /// Has the network send what waits.
    void flush();
    /// Starts the bundled broker's listener. The result has the real port; the error is the system's words.
    Result<Endpoint, QString> listen(const Endpoint &endpoint);
    void stopListening();
    /// Gives the lab its Tick; harmless when nothing is due.
    void tick();
    std::optional<Instant> nextDeadline() const { return sessionscope::nextDeadline(m_lab); }

    LinkId linkAccepted(const QString &peerName) override;
    void linkOpened(LinkId link, const QString &peerName) override;
    void linkFailed(LinkId link, const QString &why) override;
    void bytesArrived(LinkId link, const QByteArray &bytes) override;
    std::span<char> room(LinkId link) override { return roomFor(m_lab, link); }
    void roomFilled(LinkId link, qsizetype count) override;
    void linkClosed(LinkId link, ClosedBy by, const QString &detail) override;
    void linkDrained(LinkId link) override;
    void turnEnded() override;

private:
    /// Bytes that may wait for the end of a turn before they are written anyway.
    static constexpr qsizetype flushAfter = Network::highWaterMark;

    void feed(const LabEvent &event);
    void feedBytes(const LabEvent &event);
    void perform(const LabEffect &effect);
    /// What the client's authenticator has its client do.
    ClientCommand answerTo(const AskAuthenticator &question);
    Authenticator *authenticatorFor(const AskAuthenticator &question);

    Lab &m_lab;
    Network &m_network;
    Clock m_clock;
    MakeAuthenticator m_makeAuthenticator;
    std::map<ClientKey, std::unique_ptr<Authenticator>> m_authenticators;
    std::vector<AskAuthenticator> m_questions; ///< of the event that is being carried out
    std::function<void()> m_afterFlush;
    LabEffects m_effects;
    LinkId m_accepting;                ///< the network does not know it by this id yet
    std::vector<CloseLink> m_refusals; ///< to be closed when it does
    std::vector<LinkId> m_sentTo;      ///< since the last flush, with repeats
    qsizetype m_sentBytes = 0;         ///< since the last flush
};

} // namespace sessionscope
