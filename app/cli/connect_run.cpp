#include "app/cli/connect_run.h"

#include "app/cli/network.h"

#include "core/auth/scram_authenticator.h"
#include "core/base/overloaded.h"
#include "core/trace/text.h"

namespace sessionscope::cli {

namespace {

/// When nothing has happened for so long, what is under way has arrived.
constexpr std::chrono::milliseconds quietTime{80};

std::chrono::milliseconds timerTime(Duration duration)
{
    // QTimer counts milliseconds in 31 bits; nobody waits for 24 days here.
    constexpr std::chrono::milliseconds longest{0x7FFF'FFFF};
    return std::min(std::chrono::ceil<std::chrono::milliseconds>(duration), longest);
}

} // namespace

ConnectRun::ConnectRun(const ConnectPlan &plan)
    : m_plan(plan), m_reporter(plan.asJson ? Format::Json : Format::Text, plan.showPackets),
      m_engine(makeNetwork, {.makeAuthenticator = makeScramAuthenticator}),
      m_steps(plan.steps.begin(), plan.steps.end()), m_holdsAcks(!plan.heldAcks.empty())
{
    m_timeout.setSingleShot(true);
    m_quiet.setSingleShot(true);
    m_quiet.setInterval(quietTime);
    connect(&m_timeout, &QTimer::timeout, this, &ConnectRun::awaitElapsed);
    connect(&m_quiet, &QTimer::timeout, this, [this] {
        if (m_await != Await::Quiet)
            return;
        m_reporter.state(m_view, !m_plan.broker);
        stepDone();
    });
    connect(&m_engine, &Engine::batchReady, this, &ConnectRun::takeBatch);
    connect(&m_engine, &Engine::brokerFailed, this, &ConnectRun::fail);
    connect(&m_engine, &Engine::brokerListening, this, [this](const QString &url) { addClient(*parseEndpoint(url)); });
}

void ConnectRun::start()
{
    if (m_plan.broker)
        return addClient(*m_plan.broker);
    await(Await::Listening);
    Endpoint anyPort;
    anyPort.port = 0;
    m_engine.listen(anyPort);
}

void ConnectRun::addClient(const Endpoint &broker)
{
    m_client = m_engine.newClientKey();
    m_engine.submit(AddClient{m_client, m_plan.connect.clientId, broker, m_plan.policy, m_plan.authentication});
    if (m_holdsAcks)
        submit(HoldAcknowledgements{m_plan.heldAcks});
    stepDone();
}

// ---- what happened ----

void ConnectRun::takeBatch()
{
    EngineBatch batch = m_engine.takeBatch();
    m_view = std::move(batch.view);
    if (batch.skipped)
        m_reporter.note(QStringLiteral("%1 records came too fast to be shown").arg(batch.skipped));
    for (const TraceRecord &record : batch.records) {
        m_reporter.record(record, QStringLiteral("client"));
        if (!m_isFinished && record.role == Role::Client && record.client == m_client)
            take(record);
    }
    if (m_await == Await::Quiet && !batch.records.empty())
        m_quiet.start();
    checkViewConditions();
}

void ConnectRun::take(const TraceRecord &record)
{
    if (const auto *note = std::get_if<ClientNote>(&record.what))
        take(note->effect);
    else if (const auto *link = std::get_if<LinkTrace>(&record.what))
        take(*link);
}

void ConnectRun::take(const ClientReport &report)
{
    std::visit(
        Overloaded{[this](const ConnectionAccepted &) {
                       m_isConnected = true;
                       m_lossReason.clear();
                       if (m_await == Await::Connack)
                           stepDone();
                   },
                   [this](const ConnectionRefused &answer) { refused(answer); },
                   [this](const ReconnectScheduled &scheduled) {
                       m_reporter.note(
                           QStringLiteral("reconnects in %1 s, attempt %2")
                               .arg(std::chrono::duration<double>(scheduled.at - m_engine.now()).count(), 0, 'f', 1)
                               .arg(scheduled.attempt));
                   },
                   [this](const ReconnectStopped &stopped) {
                       fail(QStringLiteral("does not reconnect: ") + QString::fromLatin1(stopped.why));
                   },
                   [this](const ServerRedirected &redirected) {
                       m_reporter.note(QStringLiteral("goes to ") + QString::fromUtf8(redirected.serverReference));
                   },
                   [this](const AcknowledgementHeld &held) {
                       m_reporter.note(QStringLiteral("%1 #%2 held")
                                           .arg(QString::fromLatin1(packetTypeName(held.type)))
                                           .arg(held.packetId.value));
                   },
                   [this](const ResponseArrived &arrived) {
                       m_reporter.note(
                           QStringLiteral("response after %1 ms: %2")
                               .arg(std::chrono::duration<double, std::milli>(arrived.after).count(), 0, 'f', 1)
                               .arg(payloadText(arrived.response.payload)));
                       if (m_await == Await::Response)
                           stepDone();
                   },
                   [this](const ResponseOverdue &) { fail(QStringLiteral("no response to the request in time")); },
                   [this](const AuthenticationAsked &asked) {
                       if (m_await == Await::Trust && asked.step == AuthenticationStep::Proof)
                           stepDone();
                   },
                   [this](const MessageDelivered &) { ++m_received; },
                   [this](const PublishAccepted &accepted) { publishAccepted(accepted.token); },
                   [this](const PublishCompleted &done) { publishCompleted(done.token, done.reason); },
                   [this](const PublishLost &) {
                       m_reporter.note(QStringLiteral("a message was lost with its session: outcome unknown"));
                   },
                   [this](const RequestCompleted &completed) { requestCompleted(completed); },
                   [this](const RequestUnanswered &) {
                       if (m_await == Await::Request)
                           fail(QStringLiteral("the connection closed before the answer came"));
                   },
                   [this](const CommandRefused &refused) {
                       fail(QStringLiteral("not possible: ") + QString::fromLatin1(refused.why));
                   },
                   [this](const DisconnectReceived &received) {
                       m_lossReason =
                           QStringLiteral("the server left: ") + reasonText(received.reason, PacketType::Disconnect);
                   },
                   [this](const ViolationFound &violation) {
                       m_lossReason = QStringLiteral("the server broke %1: %2")
                                          .arg(QString::fromUtf8(violation.finding.statement),
                                               QString::fromLatin1(violation.finding.what));
                   },
                   [this](const AnswerOverdue &overdue) {
                       m_lossReason =
                           QStringLiteral("no %1 in time").arg(QString::fromLatin1(packetTypeName(overdue.awaited)));
                   },
                   [](const auto &) {}},
        report);
}

void ConnectRun::take(const LinkTrace &link)
{
    switch (link.change) {
    case LinkChange::Opening:
    case LinkChange::Opened:
    case LinkChange::Accepted:
        return;
    case LinkChange::Failed:
        if (m_plan.policy.reconnect.automatic)
            return m_reporter.note(QStringLiteral("cannot connect: ") + link.detail);
        return fail(QStringLiteral("cannot connect: ") + link.detail);
    case LinkChange::Cut:
    case LinkChange::ClosedByUs:
    case LinkChange::ClosedByPeer:
    case LinkChange::ResetByPeer:
    case LinkChange::Error:
        break;
    }
    m_isConnected = false;
    if (m_await == Await::Closed)
        return stepDone();
    if (link.change == LinkChange::Cut)
        return;
    QString why = m_lossReason.isEmpty() ? linkChangeText(link.change) : m_lossReason;
    if (!link.detail.isEmpty())
        why += QStringLiteral(" (%1)").arg(link.detail);
    connectionLost(why);
}

void ConnectRun::connectionLost(const QString &why)
{
    if (m_plan.policy.reconnect.automatic || m_plan.policy.followRedirects)
        return m_reporter.note(why);
    const bool needsConnection =
        m_await != Await::Nothing && m_await != Await::Time && m_await != Await::Quiet && m_await != Await::Messages;
    if (!needsConnection && (m_isInteractive || connectsLater()))
        return m_reporter.note(why);
    fail(why);
}

/// A refusal ends the run, unless the client's own way goes on: then its next report says how.
void ConnectRun::refused(const ConnectionRefused &refused)
{
    const QString why = QStringLiteral("connection refused: ") +
                        connackReasonText(refused.reason, Version(m_plan.connect.protocolLevel));
    const bool isSentElsewhere = m_plan.policy.followRedirects && !refused.serverReference.isEmpty();
    if (m_plan.policy.reconnect.automatic || isSentElsewhere)
        m_reporter.note(why);
    else
        fail(why);
}

bool ConnectRun::connectsLater() const
{
    return std::any_of(m_steps.begin(), m_steps.end(),
                       [](const Step &step) { return std::holds_alternative<ConnectStep>(step); });
}

void ConnectRun::publishAccepted(PublishToken token)
{
    if (m_await != Await::Publish || m_publish)
        return;
    m_publish = token;
    // Without a connection it waits for the next one, and so do the steps not.
    if (m_publishQos == Qos::AtMostOnce || !m_isConnected)
        stepDone();
}

void ConnectRun::publishCompleted(PublishToken token, ReasonCode reason)
{
    if (isFailure(reason))
        fail(QStringLiteral("publish refused: ") + reasonText(reason, PacketType::Puback));
    else if (m_await == Await::Publish && m_publish == token)
        stepDone();
}

void ConnectRun::requestCompleted(const RequestCompleted &completed)
{
    for (const ReasonCode reason : completed.reasons) {
        if (isFailure(reason)) {
            return fail(QStringLiteral("%1 refused: %2")
                            .arg(completed.type == PacketType::Subscribe ? QStringLiteral("subscribe")
                                                                         : QStringLiteral("unsubscribe"),
                                 reasonText(reason, PacketType::Suback)));
        }
    }
    if (m_await == Await::Request)
        stepDone();
}

// ---- what to do next ----

void ConnectRun::goOn()
{
    if (m_isFinished || m_await != Await::Nothing)
        return;
    if (m_steps.empty())
        return endGame();
    const Step step = m_steps.front();
    m_steps.pop_front();
    begin(step);
}

void ConnectRun::begin(const Step &step)
{
    std::visit(Overloaded{[this](const WaitStep &wait) { awaitTime(wait.duration); },
                          [this](const CutStep &cut) {
                              m_engine.submit(CutLink{m_client, cut.how});
                              await(Await::Closed);
                          },
                          [this](const ConnectStep &connect) {
                              if (connect.again)
                                  submit(ReconnectCommand{});
                              else
                                  submit(ConnectCommand{m_plan.connect});
                              await(Await::Connack);
                          },
                          [this](const DisconnectStep &disconnect) {
                              submit(disconnect.command);
                              await(Await::Closed);
                          },
                          [this](const PublishStep &publish) {
                              m_publish.reset();
                              m_publishQos = publish.message.qos;
                              submit(PublishCommand{publish.message});
                              await(Await::Publish);
                          },
                          [this](const RequestStep &request) {
                              submit(RequestCommand{request.message, {}, m_plan.timeout});
                              await(Await::Response);
                          },
                          [this](const HoldStep &hold) {
                              m_holdsAcks = !hold.command.types.empty();
                              submit(hold.command);
                              stepDone();
                          },
                          [this](const ReleaseStep &release) {
                              submit(release.command);
                              stepDone();
                          },
                          [this](const ReauthenticateStep &) {
                              submit(ReauthenticateCommand{});
                              await(Await::Trust);
                          },
                          [this](const SubscribeStep &subscribe) {
                              submit(SubscribeCommand{{subscribe.entry}, {}});
                              await(Await::Request);
                          },
                          [this](const UnsubscribeStep &unsubscribe) {
                              submit(UnsubscribeCommand{{unsubscribe.filter}, {}});
                              await(Await::Request);
                          },
                          [this](const StateStep &) {
                              await(Await::Quiet);
                              m_quiet.start();
                          },
                          [this](const QuitStep &) {
                              m_steps.clear();
                              m_ending = Ending::State;
                              stepDone();
                          }},
               step);
}

void ConnectRun::await(Await what)
{
    m_await = what;
    m_timeout.start(timerTime(m_plan.timeout));
}

void ConnectRun::awaitTime(Duration duration)
{
    m_await = Await::Time;
    m_timeout.start(timerTime(duration));
}

void ConnectRun::stepDone()
{
    m_await = Await::Nothing;
    m_timeout.stop();
    m_quiet.stop();
    // Not from inside the batch that is being read: the rest of it belongs to the step that is done.
    QMetaObject::invokeMethod(this, &ConnectRun::goOn, Qt::QueuedConnection);
}

void ConnectRun::checkViewConditions()
{
    if (m_await == Await::Messages && m_received >= *m_plan.count)
        return stepDone();
    if (m_await == Await::Acknowledged && !hasOpenMessages())
        stepDone();
}

void ConnectRun::awaitElapsed()
{
    switch (m_await) {
    case Await::Nothing:
        return;
    case Await::Time:
        return stepDone();
    case Await::Quiet:
        m_reporter.state(m_view, !m_plan.broker);
        return stepDone();
    case Await::Listening:
        return fail(QStringLiteral("the bundled broker did not start in time"));
    case Await::Connack:
        return fail(QStringLiteral("no CONNACK in time"));
    case Await::Request:
        return fail(QStringLiteral("no answer to the request in time"));
    case Await::Publish:
        return fail(QStringLiteral("the publish was not acknowledged in time"));
    case Await::Response:
        return fail(QStringLiteral("no response to the request in time"));
    case Await::Trust:
        return fail(QStringLiteral("the authentication did not end in time"));
    case Await::Closed:
        return fail(QStringLiteral("the connection did not close in time"));
    case Await::Messages:
        return fail(QStringLiteral("%1 of %2 messages came in time").arg(m_received).arg(*m_plan.count));
    case Await::Acknowledged:
        return fail(QStringLiteral("not every message was acknowledged in time"));
    }
}

// The steps are done: what --count, --wait, --state and good manners ask for, one after the other.
void ConnectRun::endGame()
{
    switch (m_ending) {
    case Ending::Messages:
        m_ending = Ending::Stay;
        if (m_plan.count && m_received < *m_plan.count)
            return await(Await::Messages);
        [[fallthrough]];
    case Ending::Stay:
        if (m_plan.staysUntilStopped)
            return;
        m_ending = Ending::Wait;
        [[fallthrough]];
    case Ending::Wait:
        m_ending = Ending::Acknowledged;
        if (m_plan.wait)
            return awaitTime(*m_plan.wait);
        [[fallthrough]];
    case Ending::Acknowledged:
        m_ending = Ending::State;
        if (m_isConnected && hasOpenMessages())
            return await(Await::Acknowledged);
        [[fallthrough]];
    case Ending::State:
        m_ending = Ending::Disconnect;
        if (m_plan.showState)
            return begin(StateStep{});
        [[fallthrough]];
    case Ending::Disconnect:
        m_ending = Ending::Done;
        if (m_isConnected)
            return begin(DisconnectStep{});
        [[fallthrough]];
    case Ending::Done:
        return finish(ExitCode::Ok);
    }
}

bool ConnectRun::hasOpenMessages() const
{
    if (m_view.clients.isEmpty())
        return false;
    const ClientView &client = m_view.clients.first();
    return client.sentTotal > 0 || client.neverSentTotal > 0;
}

// Asked twice, it goes without a word.
void ConnectRun::stop()
{
    if (std::exchange(m_isStopped, true))
        return finish(ExitCode::Ok);
    m_steps.clear();
    m_ending = Ending::State;
    stepDone();
}

void ConnectRun::keyPressed(char key)
{
    switch (key) {
    case 'c':
        m_engine.submit(CutLink{m_client, CloseHow::Close});
        return;
    case 'r':
        submit(ReconnectCommand{});
        return;
    case 'd':
        submit(DisconnectCommand{});
        return;
    case 'h':
        m_holdsAcks = !m_holdsAcks;
        submit(HoldAcknowledgements{m_holdsAcks ? std::vector{PacketType::Puback, PacketType::Pubrec}
                                                : std::vector<PacketType>{}});
        return;
    case 'a':
        submit(ReleaseAcknowledgements{});
        return;
    case 's':
        m_reporter.state(m_view, !m_plan.broker);
        return;
    case 'q':
        stop();
        return;
    default:
        m_reporter.note(QStringLiteral("c cut · r reconnect · d disconnect · h hold · a release · s state · q quit"));
    }
}

void ConnectRun::fail(const QString &why)
{
    if (m_isFinished)
        return;
    printNote(QStringLiteral("sessionscope-cli connect: ") + why);
    if (m_isInteractive && m_client.value && m_steps.empty() && m_ending == Ending::Stay && !m_isStopped) {
        m_await = Await::Nothing;
        m_timeout.stop();
        return;
    }
    finish(ExitCode::Failed);
}

void ConnectRun::finish(ExitCode code)
{
    m_isFinished = true;
    m_timeout.stop();
    Q_EMIT finished(code);
}

} // namespace sessionscope::cli
