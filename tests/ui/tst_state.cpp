// The values behind both state panels: tables that keep their rows, differences, countdowns, words.
#include "ui/broker/session_list.h"
#include "ui/common/pill.h"
#include "ui/common/words.h"
#include "ui/connect/profile_model.h"
#include "ui/session/broker_panel.h"
#include "ui/session/client_panel.h"
#include "ui/session/session_header.h"
#include "ui/session/session_life.h"
#include "ui/session/settled.h"
#include "ui/shell/client_actions.h"

#include <QAbstractItemModelTester>
#include <QApplication>
#include <QClipboard>
#include <QLabel>
#include <QMenu>
#include <QSignalSpy>
#include <QTest>

using namespace sessionscope;
using namespace std::chrono_literals;

namespace {

Instant at(Duration time)
{
    return Instant(time);
}

ExchangeView exchange(quint16 id, Qos qos, PacketType waitsFor)
{
    ExchangeView view;
    view.packetId = {id};
    view.qos = qos;
    view.waitsFor = waitsFor;
    view.topic = "plant/7/valve";
    return view;
}

HeldView held(quint16 id)
{
    return {{id}, "plant/7/valve", {}};
}

QStringList column(const QAbstractItemModel &model, int column)
{
    QStringList cells;
    for (int row = 0; row < model.rowCount(); ++row)
        cells << model.index(row, column).data().toString();
    return cells;
}

ClientView remembering()
{
    ClientView client;
    client.record = ClientSessionRecord{};
    return client;
}

} // namespace

class TestState : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void keeps_rows_that_stay_when_others_come_and_go();
    void tells_views_nothing_when_nothing_changed();
    void ages_only_the_cells_that_age();
    void shows_the_clients_end();
    void shows_the_brokers_end();
    void says_why_the_broker_cannot_be_seen();
    void names_differences_data();
    void names_differences();
    void names_a_session_that_only_one_end_has();
    void names_subscriptions_that_only_one_end_has();
    void compares_no_ids_of_a_list_that_was_cut_data();
    void compares_no_ids_of_a_list_that_was_cut();
    void waits_until_a_difference_lasts();
    void counts_a_session_down_data();
    void counts_a_session_down();
    void lists_broker_sessions();
    void keeps_profile_names_apart();
    void finds_profiles_that_share_a_client_id();
    void says_spans_and_sizes();
    void lets_the_values_of_the_header_be_copied();
    void claims_nothing_of_a_session_that_is_not_shown();
    void offers_what_a_disconnect_of_the_version_can_say();
};

void TestState::keeps_rows_that_stay_when_others_come_and_go()
{
    const std::unique_ptr<ExchangeModel> model(exchangeModel(nullptr));
    const QAbstractItemModelTester tester(model.get(), QAbstractItemModelTester::FailureReportingMode::QtTest);
    const auto one = exchange(1, Qos::AtLeastOnce, PacketType::Puback);
    const auto two = exchange(2, Qos::ExactlyOnce, PacketType::Pubrec);
    const auto three = exchange(3, Qos::ExactlyOnce, PacketType::Pubrec);
    model->setRows({one, two, three});
    const QPersistentModelIndex last = model->index(2, 0);
    auto released = two;
    released.waitsFor = PacketType::Pubcomp;
    model->setRows({released, three});
    QCOMPARE(column(*model, 0), QStringList({QStringLiteral("2"), QStringLiteral("3")}));
    QCOMPARE(column(*model, 2), QStringList({QStringLiteral("PUBCOMP"), QStringLiteral("PUBREC")}));
    QVERIFY(last.isValid());
    QCOMPARE(last.row(), 1);
    model->setRows({});
    QCOMPARE(model->rowCount(), 0);
    QVERIFY(!last.isValid());
}

void TestState::tells_views_nothing_when_nothing_changed()
{
    const std::unique_ptr<HeldModel> model(heldModel(nullptr));
    model->setRows({held(4), held(5)});
    QSignalSpy changed(model.get(), &QAbstractItemModel::dataChanged);
    QSignalSpy inserted(model.get(), &QAbstractItemModel::rowsInserted);
    model->setRows({held(4), held(5)});
    QCOMPARE(changed.size() + inserted.size(), 0);
}

void TestState::ages_only_the_cells_that_age()
{
    const std::unique_ptr<ExchangeModel> model(exchangeModel(nullptr));
    model->setRows({exchange(1, Qos::AtLeastOnce, PacketType::Puback)});
    QSignalSpy changed(model.get(), &QAbstractItemModel::dataChanged);
    model->setNow(at(4100ms));
    QCOMPARE(model->index(0, 4).data().toString(), QStringLiteral("4.1 s"));
    QCOMPARE(changed.size(), 1);
    QCOMPARE(changed[0][0].toModelIndex().column(), 4);
}

void TestState::shows_the_clients_end()
{
    ClientPanel panel;
    ClientView view = remembering();
    view.connection = ClientConnection::Connected;
    view.sent = {exchange(11, Qos::AtLeastOnce, PacketType::Puback),
                 exchange(12, Qos::ExactlyOnce, PacketType::Pubrec)};
    view.sentTotal = 2;
    view.held = {held(4)};
    view.heldTotal = 1;
    view.neverSent = {QueuedView{"later", Qos::AtLeastOnce, 3, std::nullopt}};
    view.neverSentTotal = 1;
    view.subscriptions = {SubscriptionView{"cmd/#", {Qos::ExactlyOnce, true, false, RetainHandling::SendIfNew}, 7}};
    panel.setView(&view, {});
    QCOMPARE(column(*panel.sent(), 0), QStringList({QStringLiteral("11"), QStringLiteral("12")}));
    QCOMPARE(column(*panel.held(), 0), QStringList(QStringLiteral("4")));
    QCOMPARE(column(*panel.waiting(), 0), QStringList(QStringLiteral("later")));
    QCOMPARE(column(*panel.subscriptions(), 2), QStringList(QStringLiteral("7")));
    QCOMPARE(column(*panel.subscriptions(), 3), QStringList(QStringLiteral("NL RH1")));
}

void TestState::shows_the_brokers_end()
{
    BrokerPanel panel;
    ServerSessionView session;
    session.clientId = "plant-7";
    session.queued = {QueuedView{"cmd/7/speed", Qos::ExactlyOnce, 5, at(60s)}};
    session.queuedTotal = 1;
    session.sent = {exchange(5, Qos::AtLeastOnce, PacketType::Puback)};
    session.sentTotal = 1;
    panel.setView(BrokerSight::Observed, &session, {});
    panel.setNow(at(8s));
    QCOMPARE(panel.remark(), QString());
    QCOMPARE(column(*panel.queued(), 3), QStringList(QStringLiteral("in 52.0 s")));
    QCOMPARE(column(*panel.sent(), 2), QStringList(QStringLiteral("PUBACK")));
}

void TestState::says_why_the_broker_cannot_be_seen()
{
    BrokerPanel panel;
    panel.setView(BrokerSight::External, nullptr, {});
    QVERIFY(panel.remark().startsWith(QStringLiteral("Not observed: external broker")));
    panel.setView(BrokerSight::Observed, nullptr, {});
    QVERIFY(panel.remark().contains(QStringLiteral("has no session")));
    panel.setView(BrokerSight::NotShown, nullptr, {});
    QVERIFY(panel.remark().contains(QStringLiteral("is not known here")));
}

void TestState::names_differences_data()
{
    QTest::addColumn<QList<int>>("waitsFor"); // the sender's stage for id 12, none: no exchange
    QTest::addColumn<bool>("held");
    QTest::addColumn<QString>("part"); // empty: the ends agree
    const auto stage = [](PacketType type) { return QList<int>{int(type)}; };
    QTest::newRow("PUBLISH under way") << stage(PacketType::Pubrec) << false << "does not have it yet";
    QTest::newRow("PUBREC under way") << stage(PacketType::Pubrec) << true << "will repeat PUBLISH with DUP 1";
    QTest::newRow("same stage") << stage(PacketType::Pubcomp) << true << "";
    QTest::newRow("PUBCOMP under way") << stage(PacketType::Pubcomp) << false << "will repeat PUBREL";
    QTest::newRow("forgotten") << QList<int>{} << true << "no longer knows it";
}

void TestState::names_differences()
{
    QFETCH(QList<int>, waitsFor);
    QFETCH(bool, held);
    QFETCH(QString, part);
    ClientView client = remembering();
    ServerSessionView session;
    for (const int type : waitsFor)
        client.sent.append(exchange(12, Qos::ExactlyOnce, PacketType(type)));
    if (held)
        session.held.append(::held(12));
    const auto found = differences(client, &session);
    QCOMPARE(found.isEmpty(), part.isEmpty());
    if (!found.isEmpty()) {
        QVERIFY2(found[0].what.contains(part), qPrintable(found[0].what));
        QCOMPARE(differingIds(found, IdSpace::ClientSends), QSet<PacketId>{PacketId{12}});
        QVERIFY(differingIds(found, IdSpace::BrokerSends).isEmpty());
    }
}

void TestState::names_a_session_that_only_one_end_has()
{
    QCOMPARE(differences(ClientView{}, nullptr).size(), 0);
    QCOMPARE(differences(remembering(), nullptr).size(), 1);
    const ServerSessionView session;
    QCOMPARE(differences(ClientView{}, &session).size(), 1);
    QCOMPARE(differences(remembering(), &session).size(), 0);
}

void TestState::names_subscriptions_that_only_one_end_has()
{
    ClientView client = remembering();
    ServerSessionView session;
    client.subscriptions = {{"both", {}, {}}, {"ours", {}, {}}};
    session.subscriptions = {{"both", {}, {}}, {"theirs", {}, {}}};
    session.subscriptionsTotal = 2;
    const auto found = differences(client, &session);
    QCOMPARE(found.size(), 2);
    QVERIFY(found[0].what.contains(QStringLiteral("ours")));
    QVERIFY(found[1].what.contains(QStringLiteral("theirs")));
    session.subscriptionsTotal = 3; // a cut list proves nothing
    QVERIFY(differences(client, &session).isEmpty());
}

void TestState::compares_no_ids_of_a_list_that_was_cut_data()
{
    QTest::addColumn<int>("cut");
    QTest::addColumn<bool>("clientSends");
    QTest::newRow("the client's open exchanges") << 0 << true;
    QTest::newRow("what the broker holds") << 1 << true;
    QTest::newRow("the broker's open exchanges") << 2 << false;
    QTest::newRow("what the client holds") << 3 << false;
}

void TestState::compares_no_ids_of_a_list_that_was_cut()
{
    QFETCH(int, cut);
    QFETCH(bool, clientSends);
    ClientView client = remembering();
    ServerSessionView session;
    client.sent.append(exchange(1, Qos::ExactlyOnce, PacketType::Pubcomp));
    session.held.append(held(2));
    session.sent.append(exchange(3, Qos::ExactlyOnce, PacketType::Pubcomp));
    client.held.append(held(4));
    client.sentTotal = session.heldTotal = session.sentTotal = client.heldTotal = 1;
    QCOMPARE(differences(client, &session).size(), 4);
    qsizetype *totals[] = {&client.sentTotal, &session.heldTotal, &session.sentTotal, &client.heldTotal};
    *totals[cut] = 2;
    const auto found = differences(client, &session);
    QCOMPARE(found.size(), 2);
    QVERIFY(differingIds(found, clientSends ? IdSpace::ClientSends : IdSpace::BrokerSends).isEmpty());
}

void TestState::waits_until_a_difference_lasts()
{
    SettledDifferences settled;
    const Difference one{IdSpace::ClientSends, PacketId{1}, QStringLiteral("one")};
    const Difference two{IdSpace::ClientSends, PacketId{2}, QStringLiteral("two")};
    QVERIFY(settled.update({one}, at(0s)).isEmpty());
    QVERIFY(settled.update({one, two}, at(299ms)).isEmpty());
    QCOMPARE(settled.update({one, two}, at(300ms)), QList<Difference>{one});
    QVERIFY(settled.update({}, at(301ms)).isEmpty());
    QVERIFY(settled.update({one}, at(400ms)).isEmpty());
}

void TestState::counts_a_session_down_data()
{
    QTest::addColumn<bool>("connected");
    QTest::addColumn<quint32>("interval");
    QTest::addColumn<int>("endsAfter"); // seconds, -1: none
    QTest::addColumn<QString>("brief");
    QTest::addColumn<double>("share");
    QTest::newRow("connected") << true << 3600U << -1 << "connected" << 1.0;
    QTest::newRow("ends with it") << true << 0U << -1 << "ends with connection" << 1.0;
    QTest::newRow("never") << false << sessionNeverExpires << -1 << "never expires" << 1.0;
    QTest::newRow("half") << false << 100U << 60 << "expires in 50.0 s" << 0.5;
    QTest::newRow("over") << false << 100U << 5 << "expires in 0.0 s" << 0.0;
}

void TestState::counts_a_session_down()
{
    QFETCH(bool, connected);
    QFETCH(quint32, interval);
    QFETCH(int, endsAfter);
    ServerSessionView session;
    session.connected = connected;
    session.sessionExpiryInterval = interval;
    if (endsAfter >= 0)
        session.endsAt = at(std::chrono::seconds(endsAfter));
    const SessionLife life = lifeOf(session, at(10s));
    QTEST(life.brief, "brief");
    QTEST(life.share, "share");
    QCOMPARE(life.age, QStringLiteral("10.0 s"));
}

void TestState::lists_broker_sessions()
{
    SessionList list;
    const QAbstractItemModelTester tester(list.model(), QAbstractItemModelTester::FailureReportingMode::QtTest);
    BrokerView broker;
    ServerSessionView session;
    session.clientId = "plant-7";
    session.connected = true;
    session.queuedTotal = 12;
    session.sentTotal = 2;
    session.heldTotal = 1;
    broker.sessions = {session};
    broker.sessionsTotal = 1;
    list.setView(broker);
    QCOMPARE(loadWords(list.model()->rows()[0]), QStringLiteral("3 in flight \u00b7 12 queued"));
    QVERIFY(list.model()->index(0, 0).data().toString().startsWith(QStringLiteral("plant-7")));
    list.setView({});
    QCOMPARE(list.model()->rowCount(), 0);
}

void TestState::keeps_profile_names_apart()
{
    ProfileModel model;
    const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    for (const ProfileEntry &profile : startingProfiles())
        model.add(profile);
    QCOMPARE(model.freeName(QStringLiteral("plant-7")), QStringLiteral("plant-7-2"));
    QSignalSpy renamed(&model, &ProfileModel::renamed);
    QVERIFY(model.setData(model.index(0), QStringLiteral("backend"), Qt::EditRole));
    QCOMPARE(model.at(0).name, QStringLiteral("backend-2"));
    QCOMPARE(renamed.size(), 1);
    QVERIFY(!model.setData(model.index(0), QStringLiteral("  "), Qt::EditRole));
    model.remove(0);
    QCOMPARE(model.at(0).name, QStringLiteral("plant-8"));
}

void TestState::finds_profiles_that_share_a_client_id()
{
    ProfileModel model;
    for (const ProfileEntry &profile : startingProfiles())
        model.add(profile);
    QVERIFY(model.othersWithSameId(0).isEmpty());
    ConnectValues values = model.at(2).values;
    values.clientId = model.at(0).values.clientId;
    model.setValues(2, values);
    QCOMPARE(model.othersWithSameId(0), QStringList(model.at(2).name));
    values.broker = BrokerChoice::Other;
    model.setValues(2, values);
    QVERIFY(model.othersWithSameId(0).isEmpty());
}

void TestState::says_spans_and_sizes()
{
    QCOMPARE(words::span(400ms), QStringLiteral("0.4 s"));
    QCOMPARE(words::span(59'999ms), QStringLiteral("59.9 s"));
    QCOMPARE(words::span(134s), QStringLiteral("02:14"));
    QCOMPARE(words::span(3734s), QStringLiteral("1:02:14"));
    QCOMPARE(words::span(86'400s * 3 + 61s), QStringLiteral("3 d 00:01:01"));
    QCOMPARE(words::span(-1s), QStringLiteral("0.0 s"));
    QCOMPARE(words::expiry(std::nullopt), QStringLiteral("absent"));
    QCOMPARE(words::expiry(3600), QStringLiteral("1 h (3600 s)"));
    QCOMPARE(words::expiry(61), QStringLiteral("61 s"));
    QCOMPARE(words::bytes(41), QStringLiteral("41 bytes"));
    QCOMPARE(words::text("a\nb"), QStringLiteral("a\u240ab"));
    QCOMPARE(words::payloadPreview(QByteArray("\x01\xff", 2)), QStringLiteral("01 ff"));
}

void TestState::lets_the_values_of_the_header_be_copied()
{
    SessionHeader header(nullptr);
    header.setTitle(QStringLiteral("plant-7"));
    ServerSessionView session;
    session.sessionExpiryInterval = 60;
    session.endsAt = at(60s);
    header.setNow(at(10s));
    header.setView(nullptr, &session, 0);
    header.show();
    QVERIFY(QTest::qWaitForWindowActive(&header));
    for (const QLabel *label : header.findChildren<QLabel *>()) {
        const bool canSelect = label->textInteractionFlags().testFlags(Qt::TextSelectableByMouse) &&
                               label->textInteractionFlags().testFlags(Qt::TextSelectableByKeyboard);
        QVERIFY2(canSelect, qPrintable(label->text()));
    }
    auto *pill = header.findChild<Pill *>();
    QTest::mouseDClick(pill, Qt::LeftButton, Qt::NoModifier, pill->rect().center());
    QCOMPARE(pill->selectedText(), pill->text());

    auto *end = header.findChild<QLabel *>(QStringLiteral("sessionEnd"));
    QVERIFY(end->focusPolicy() & Qt::TabFocus);
    end->setFocus(Qt::TabFocusReason);
    QTest::keySequence(end, QKeySequence::SelectAll);
    header.setNow(at(20s)); // what is selected stays until it is copied
    QTest::keySequence(end, QKeySequence::Copy);
    QVERIFY(QApplication::clipboard()->text().contains(QStringLiteral("expires in 50.0 s")));
    header.setFocus();
    end->clearFocus();
    header.setNow(at(20s));
    QVERIFY(end->text().contains(QStringLiteral("expires in 40.0 s")));
}

void TestState::claims_nothing_of_a_session_that_is_not_shown()
{
    SessionHeader header(nullptr);
    header.setTitle(QStringLiteral("plant-7"));
    const ServerSessionView session;
    header.setView(nullptr, &session, 0);
    header.setUnknown();
    header.setNow(at(1s));
    for (const QLabel *label : header.findChildren<QLabel *>())
        QVERIFY2(label->text().isEmpty() || label->text() == QStringLiteral("plant-7"), qPrintable(label->text()));
}

// v3:MQTT-3.14: no reason code, and no expiry.
void TestState::offers_what_a_disconnect_of_the_version_can_say()
{
    QWidget window;
    ClientActions actions(&window);
    ClientView client;
    client.connection = ClientConnection::Connected;
    const auto offered = [&actions] {
        return std::ranges::count_if(actions.disconnectMenu()->actions(), [](const QAction *action) {
            return action->isEnabled() && !action->isSeparator();
        });
    };
    client.connect.protocolLevel = quint8(Version::V5);
    actions.setState(&client, true);
    QCOMPARE(offered(), 8);
    client.connect.protocolLevel = quint8(Version::V311);
    actions.setState(&client, true);
    QCOMPARE(offered(), 1);
    QVERIFY(actions.disconnectMenu()->actions().at(1)->isEnabled()); // below the heading
}

QTEST_MAIN(TestState)
#include "tst_state.moc"
