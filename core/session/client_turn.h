// One call of step() on its way through the client's handlers (private to core/session).
// Every effect and every change of the state goes through the members below; each .cpp of client_*.cpp holds the
// handlers of one area. Nothing outlives the call.
#pragma once

#include "core/session/client_session.h"

namespace sessionscope {

class ClientTurn
{
public:
    ClientTurn(ClientSession &session, Instant now, ClientEffects &effects)
        : m_session(session), m_now(now), m_effects(effects)
    {
    }

    // client_step.cpp
    void on(const ClientCommand &command);
    void on(const TransportOpened &);
    void on(const TransportFailed &);
    void on(const TransportClosed &);
    void on(const TransportBlocked &);
    void on(const TransportDrained &);
    void on(const PacketArrived &event);
    void on(const MalformedArrived &event);
    void on(const Tick &);

private:
    enum class SendAs : quint8
    {
        First,
        Repeat
    };

    enum class SubscribeAgain : quint8
    {
        Fresh,  ///< the server has no subscriptions of this session
        InDoubt ///< it may have none
    };

    // client_step.cpp
    bool isV5() const { return m_session.version() == Version::V5; }
    bool is(ClientConnection connection) const { return m_session.connection == connection; }
    template<class Effect> void emit(Effect effect) { m_effects.emplace_back(std::move(effect)); }
    void refuse(const char *why) { emit(CommandRefused{why}); }
    void send(PacketBody body);
    void sendAck(PacketType type, PacketId id, ReasonCode reason);
    void closeTransport();
    void closeTransport(ConnectionEnding::Cause cause, quint8 code = 0);
    void endSession(SessionEnd why);
    void endSessionIfExpired();
    void leaveConnection();
    void startSessionClock();

    // client_connect.cpp
    void command(const ConnectCommand &command);
    void command(const ReconnectCommand &);
    void command(const DisconnectCommand &command);
    void overrideExpiry(quint32 interval);
    void command(const ForgetCommand &);
    bool hasOwnSession() const;
    bool owesCleanStart() const;
    void writeConnect();
    void packet(const ConnackPacket &connack);
    void accept(const ConnackPacket &connack);
    void startSession(const ConnackPacket &connack, bool resumes);

    // client_authenticate.cpp
    void command(const AuthenticateCommand &command);
    void command(const ReauthenticateCommand &);
    void command(const TrustServer &);
    void command(const AbandonAuthentication &);
    void authenticateConnect(const AuthPacket &packet);
    bool awaitsProof(const ConnackPacket &connack);
    void ask(AuthenticationStep step, const Properties &properties);
    void packet(const AuthPacket &auth);

    // client_reconnect.cpp
    void comeBack();
    void scheduleReconnect();
    void stopReconnect(const char *why);
    void rememberRedirect(ReasonCode reason, const QByteArray &serverReference);
    void followRedirect();

    // client_hold.cpp
    void command(const HoldAcknowledgements &command);
    void command(const ReleaseAcknowledgements &command);
    void acknowledge(PacketType type, PacketId id, ReasonCode reason);
    void putAck(PacketType type, PacketId id, ReasonCode reason);
    void putReleased();
    bool isHeldBack(PacketType type) const;

    // client_responses.cpp
    void command(const RequestCommand &command);
    void command(const RespondCommand &command);
    QByteArray responseTopicFor(const RequestCommand &command) const;
    void noteResponse(const PublishPacket &publish);
    void dropOverdueResponses();

    // client_publish.cpp
    void command(const PublishCommand &command);
    std::optional<ReasonCode> obstacle(const Delivery &delivery) const;
    static PublishPacket plainPacket(const Delivery &delivery, PacketId id, SendAs as);
    PublishPacket packetFor(const Delivery &delivery, PacketId id, SendAs as);
    void useAlias(PublishPacket &publish);
    void sendOpen();
    void resendOpen();
    void sendWaiting();
    void requeue(std::vector<OpenExchange> &lost);
    void acknowledged(const AckPacket &ack);

    // client_requests.cpp
    void command(const SubscribeCommand &command);
    void command(const UnsubscribeCommand &command);
    const char *obstacle(const SubscribePacket &packet) const;
    std::optional<PacketId> openRequest(const Packet &packet);
    bool fits(const Packet &packet) const;
    void resubscribe(SubscribeAgain when);
    void packet(const SubackPacket &suback);
    void packet(const UnsubackPacket &unsuback);
    void finishRequest(PacketType type, PacketId id, const QList<ReasonCode> &reasons);
    void remember(const ClientSession::Request &request, qsizetype at, ReasonCode answer);
    void loseRequests();

    // client_packets.cpp
    void command(const PingCommand &);
    void packet(const PublishPacket &publish);
    void packet(const AckPacket &ack);
    void packet(const PingrespPacket &);
    void packet(const DisconnectPacket &disconnect);
    template<class Other> void packet(const Other &) {} // a server never sends the others: the rules have said so
    bool mayArriveNow(const Packet &packet);
    bool resolveAlias(PublishPacket &publish);
    void receive(const PublishPacket &publish);
    void deliver(const PublishPacket &publish);
    Inbox::Arrival admit(const PublishPacket &publish);
    rules::Finding findingOf(const char *v5, const char *v3, const char *what, ReasonCode reason) const;

    /// Notes a broken statement and, unless the policy only notes, closes over it. True when the connection goes on.
    bool goesOnDespite(const rules::Finding &finding);
    /// The same for a statement by its name in 5.0 and in 3.1.1.
    bool goesOnDespite(const char *v5, const char *v3, const char *what, ReasonCode reason = ReasonCode::ProtocolError);

    ClientSession &m_session;
    const Instant m_now;
    ClientEffects &m_effects;
    std::optional<ReasonCode> m_refusal; ///< of the packet in hand, which is refused without closing
};

} // namespace sessionscope
