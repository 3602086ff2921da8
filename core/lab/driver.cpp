#include "core/lab/driver.h"

#include "core/base/overloaded.h"

namespace sessionscope {

namespace {

AuthenticateCommand authenticateWith(ReasonCode reason, const Authentication &authentication, const QByteArray &data)
{
    AuthenticateCommand command{{.reason = reason}};
    command.packet.properties.add(PropertyId::AuthenticationMethod, authentication.method);
    command.packet.properties.add(PropertyId::AuthenticationData, data);
    return command;
}

} // namespace

Driver::Driver(Lab &lab, Network &network, Clock clock, MakeAuthenticator makeAuthenticator)
    : m_lab(lab), m_network(network), m_clock(std::move(clock)), m_makeAuthenticator(std::move(makeAuthenticator))
{
    m_network.setSink(this);
}

Driver::~Driver()
{
    m_network.setSink(nullptr);
}

void Driver::submit(const LabCommand &command)
{
    feed(command);
    flush();
}

Result<Endpoint, QString> Driver::listen(const Endpoint &endpoint)
{
    auto listening = m_network.listen(endpoint);
    if (listening)
        feed(ListenerChanged{toUrl(*listening)});
    return listening;
}

void Driver::stopListening()
{
    m_network.stopListening();
    feed(ListenerChanged{});
}

void Driver::tick()
{
    feed(Tick{});
    flush();
}

LinkId Driver::linkAccepted(const QString &peerName)
{
    const LinkId link = m_accepting = dealLink(m_lab);
    feed(LinkAccepted{link, peerName});
    m_accepting = {};
    return link;
}

void Driver::linkOpened(LinkId link, const QString &peerName)
{
    feed(LinkOpened{link, peerName});
}

void Driver::linkFailed(LinkId link, const QString &why)
{
    feed(LinkFailed{link, why});
}

void Driver::bytesArrived(LinkId link, const QByteArray &bytes)
{
    feedBytes(BytesArrived{link, bytes});
}

void Driver::roomFilled(LinkId link, qsizetype count)
{
    feedBytes(RoomFilled{link, count});
}

void Driver::feedBytes(const LabEvent &event)
{
    feed(event);
    if (m_sentBytes > flushAfter)
        flush();
}

void Driver::linkClosed(LinkId link, ClosedBy by, const QString &detail)
{
    feed(LinkClosed{link, by, detail});
}

void Driver::linkDrained(LinkId link)
{
    feed(LinkDrained{link});
}

void Driver::turnEnded()
{
    for (const CloseLink &refusal : std::exchange(m_refusals, {}))
        m_network.close(refusal.link, refusal.how);
    flush();
}

void Driver::feed(const LabEvent &event)
{
    // Effects never come back as events before they are carried out, so one vector serves every event.
    step(m_lab, event, m_clock(), m_effects);
    for (const LabEffect &effect : m_effects)
        perform(effect);
    m_effects.clear();
    for (const AskAuthenticator &question : std::exchange(m_questions, {}))
        feed(ClientDo{question.client, answerTo(question)});
}

void Driver::perform(const LabEffect &effect)
{
    std::visit(
        Overloaded{[this](const OpenLink &open) { m_network.open(open.link, open.endpoint); },
                   [this](const SendBytes &bytes) {
                       m_network.send(bytes.link, bytes.head, bytes.payload);
                       m_sentTo.push_back(bytes.link);
                       m_sentBytes += bytes.head.size() + bytes.payload.size();
                   },
                   [this](const AskAuthenticator &question) { m_questions.push_back(question); },
                   [this](const CloseLink &close) {
                       if (close.link == m_accepting)
                           m_refusals.push_back(close);
                       else
                           m_network.close(close.link, close.how);
                   },
                   [this](const SetReading &set) { m_network.setReading(set.link, set.reading == Reading::Resume); }},
        effect);
}

Authenticator *Driver::authenticatorFor(const AskAuthenticator &question)
{
    auto &authenticator = m_authenticators[question.client];
    if (question.asked.step != AuthenticationStep::Begin)
        return authenticator.get();
    const Authentication &authentication = question.authentication;
    if (!authentication.script.empty())
        authenticator = std::make_unique<ScriptedAuthenticator>(authentication.script);
    else
        authenticator = m_makeAuthenticator ? m_makeAuthenticator(authentication) : nullptr;
    return authenticator.get();
}

ClientCommand Driver::answerTo(const AskAuthenticator &question)
{
    const auto &[client, authentication, asked] = question;
    Authenticator *authenticator = authenticatorFor(question);
    if (!authenticator)
        return AbandonAuthentication{"the method " + authentication.method + " is not known here"};
    if (asked.step == AuthenticationStep::Proof) {
        if (const auto why = authenticator->distrust(asked.data))
            return AbandonAuthentication{why->toUtf8()};
        return TrustServer{};
    }
    const bool challenged = asked.step == AuthenticationStep::Challenge;
    const auto data = challenged ? authenticator->answer(asked.data) : authenticator->begin();
    if (!data)
        return AbandonAuthentication{data.error().toUtf8()};
    const bool again = asked.step == AuthenticationStep::BeginAgain;
    return authenticateWith(again ? ReasonCode::ReAuthenticate : ReasonCode::ContinueAuthentication, authentication,
                            *data);
}

// What still waits after the write is what the peer does not take.
void Driver::flush()
{
    m_network.flush();
    m_sentBytes = 0;
    std::vector<LinkId> sentTo = std::exchange(m_sentTo, {});
    for (const LinkId link : sentTo) {
        if (const qsizetype unsent = m_network.unsentBytes(link); unsent > Network::highWaterMark)
            feed(LinkBacklog{link, unsent});
    }
    sentTo.clear();
    if (m_sentTo.empty())
        m_sentTo = std::move(sentTo);
    if (m_afterFlush)
        m_afterFlush();
}

} // namespace sessionscope
