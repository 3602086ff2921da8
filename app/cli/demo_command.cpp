// The tour: a door and its backend on the bundled broker, on the virtual clock, so that hours pass at once and the
// same lines come out every time.
#include "app/cli/commands.h"
#include "app/cli/options.h"
#include "app/cli/state_table.h"

#include "core/lab/virtual_driver.h"
#include "core/trace/text.h"

namespace sessionscope::cli {

namespace {

using namespace std::chrono_literals;

constexpr ClientKey door{1};
constexpr ClientKey backend{2};

class Tour
{
public:
    ExitCode run();

private:
    void say(const QString &text) { printResult(QStringLiteral("\n── ") + text); }
    void submit(const LabCommand &command);
    void pass(Duration duration);
    void printNews();
    void printState();
    void connectDoor(bool cleanStart);
    void publish(const QByteArray &payload);
    /// Whether the door's last CONNACK carried this Session Present.
    bool hasSessionPresent(bool expected) const;

    VirtualDriver m_driver;
    TraceSeq m_printed;
};

void Tour::submit(const LabCommand &command)
{
    m_driver.submit(command);
    m_driver.runUntilQuiet();
    printNews();
}

void Tour::pass(Duration duration)
{
    m_driver.advance(duration);
    printNews();
}

// What the clients saw; the broker's own view of the same packets is left out, its decisions are not.
void Tour::printNews()
{
    const Trace &trace = m_driver.lab().trace;
    for (TraceSeq seq{m_printed.value + 1}; seq <= trace.last(); ++seq.value) {
        const TraceRecord record = *trace.record(seq);
        const bool isPacketOrLink = record.what.index() <= 1;
        if (record.role == Role::Broker ? isPacketOrLink : std::holds_alternative<CommandTrace>(record.what))
            continue;
        const QString who = record.client == door ? QStringLiteral("door") : QStringLiteral("backend");
        printResult(recordText(record, who));
    }
    m_printed = trace.last();
}

void Tour::printState()
{
    const LabView view = m_driver.view();
    printResult({});
    printResult(
        stateTable(view.clients.first(), sessionOf(view.clients.first(), view.broker), OtherEnd::Visible, view.at));
}

void Tour::connectDoor(bool cleanStart)
{
    ConnectPacket connect;
    connect.clientId = "door-7";
    connect.cleanStart = cleanStart;
    connect.properties.add(PropertyId::SessionExpiryInterval, 3600);
    submit(ClientDo{door, ConnectCommand{connect}});
}

void Tour::publish(const QByteArray &payload)
{
    Message message;
    message.topic = "cmd/7/open";
    message.payload = payload;
    message.qos = Qos::ExactlyOnce;
    submit(ClientDo{backend, PublishCommand{message}});
}

bool Tour::hasSessionPresent(bool expected) const
{
    const auto &connack = m_driver.lab().clients.at(door).session.connack;
    return connack && connack->sessionPresent == expected;
}

ExitCode Tour::run()
{
    if (!m_driver.listen())
        return ExitCode::Failed;
    m_driver.submit(AddClient{door, "door", {}, {}});
    m_driver.submit(AddClient{backend, "backend", {}, {}});
    m_printed = m_driver.lab().trace.last();

    say(QStringLiteral("A door connects for the first time: Clean Start 1, Session Expiry Interval one hour."));
    connectDoor(true);
    bool isAsTold = hasSessionPresent(false);
    SubscriptionOptions options;
    options.maximumQos = Qos::ExactlyOnce;
    say(QStringLiteral("It subscribes. The subscription is part of the session, at the broker."));
    submit(ClientDo{door, SubscribeCommand{{{"cmd/7/#", options}}, {}}});
    printState();

    say(QStringLiteral("The door's network breaks: no DISCONNECT, no goodbye. Both ends keep the session."));
    submit(CutLink{door, CloseHow::Reset});
    say(QStringLiteral("Meanwhile the backend sends a command. For the door it waits in the session."));
    ConnectPacket connect;
    connect.clientId = "backend";
    submit(ClientDo{backend, ConnectCommand{connect}});
    publish("go");
    pass(20min);
    say(QStringLiteral("Twenty minutes later."));
    printState();

    say(QStringLiteral("The door comes back with Clean Start 0: Session Present 1, and the command arrives, once."));
    connectDoor(false);
    isAsTold = isAsTold && hasSessionPresent(true) && m_driver.lab().clients.at(door).delivered == 1;
    printState();

    say(QStringLiteral("It breaks again, and this time it stays away longer than its session lives."));
    submit(CutLink{door, CloseHow::Reset});
    pass(1h);
    connectDoor(false);
    isAsTold = isAsTold && hasSessionPresent(false);
    printState();
    say(QStringLiteral("Session Present 0: both ends start anew. The subscription is gone; a client that does not look "
                       "never notices."));
    if (!isAsTold)
        printNote(QStringLiteral("sessionscope-cli demo: the session did not behave as told above"));
    return isAsTold ? ExitCode::Ok : ExitCode::Failed;
}

} // namespace

ExitCode runDemo(const QStringList &arguments)
{
    Options options(
        QStringLiteral("demo"),
        QStringLiteral("Shows a session that is created, kept, resumed and expired, with both ends side by side.\n"
                       "Runs on a clock of its own and needs no network."));
    if (const auto code = readArguments(options, QStringLiteral("demo"), arguments))
        return *code;
    return Tour().run();
}

} // namespace sessionscope::cli
