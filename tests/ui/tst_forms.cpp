// The forms: what they show is what they mean, and every control can be reached and named.
#include "ui/common/table_view.h"
#include "ui/connect/connect_form.h"
#include "ui/connect/expiry_field.h"
#include "ui/messages/publish_form.h"
#include "ui/messages/subscribe_form.h"

#include <QAccessible>
#include <QApplication>
#include <QCheckBox>
#include <QClipboard>
#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSignalSpy>
#include <QSpinBox>
#include <QTest>

using namespace sessionscope;

namespace {

/// The child with this accessible name.
template<class T> T *named(const QWidget &parent, const QString &name)
{
    for (T *child : parent.findChildren<T *>()) {
        if (child->accessibleName() == name)
            return child;
    }
    return nullptr;
}

ConnectValues fullValues()
{
    ConnectValues values;
    values.clientId = QStringLiteral("plant-7");
    values.broker = BrokerChoice::Other;
    values.host = QStringLiteral("broker.example");
    values.port = 8883;
    values.cleanStart = false;
    values.expiry = {ExpiryKind::Seconds, 5400};
    values.keepAlive = 10;
    values.receiveMaximum = 7;
    values.will = WillValues{QStringLiteral("lost"), QStringLiteral("gone"), Qos::ExactlyOnce, true, 120};
    values.userName = QStringLiteral("user");
    values.password = QStringLiteral("secret");
    values.maximumPacketSize = 4096;
    values.topicAliasMaximum = 5;
    values.reconnects = true;
    values.followsRedirects = true;
    values.resubscribes = true;
    values.scheme = Scheme::SecureWebSocket;
    values.path = QStringLiteral("/mqtt");
    values.tls = {.caFile = QStringLiteral("ca.pem"),
                  .certificateFile = QStringLiteral("door.pem"),
                  .keyFile = QStringLiteral("door-key.pem"),
                  .serverName = QStringLiteral("plant.example"),
                  .alpn = QStringLiteral("mqtt"),
                  .insecure = true,
                  .folder = QStringLiteral("/etc/")};
    return values;
}

} // namespace

class TestForms : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void gives_back_what_was_set();
    void writes_every_value_into_the_packet();
    void keeps_the_password_out_of_the_connect_for_a_method();
    void says_what_the_client_does_on_its_own();
    void hides_what_the_version_does_not_know();
    void shows_what_the_transport_needs();
    void trusts_a_bundled_broker_with_tls_as_the_form_says();
    void tells_the_forecast_while_values_change();
    void asks_to_connect_by_return_and_by_button();
    void keeps_every_number_of_seconds_data();
    void keeps_every_number_of_seconds();
    void publishes_what_the_fields_say();
    void publishes_nothing_before_the_first_connect();
    void refuses_user_properties_without_a_value();
    void minds_no_user_properties_where_they_are_not_sent();
    void lets_outcomes_be_copied();
    void subscribes_with_all_options();
    void unsubscribes_the_selected_filters();
    void names_every_control();
};

void TestForms::gives_back_what_was_set()
{
    ConnectForm form;
    QSignalSpy changed(&form, &ConnectForm::changed);
    form.setValues(fullValues());
    QCOMPARE(form.values(), fullValues());
    QCOMPARE(changed.size(), 0); // nobody edited anything
    form.setValues({});
    QCOMPARE(form.values(), ConnectValues{});
}

void TestForms::writes_every_value_into_the_packet()
{
    const ConnectPacket packet = toPacket(fullValues());
    QCOMPARE(packet.clientId, QByteArray("plant-7"));
    QCOMPARE(packet.cleanStart, false);
    QCOMPARE(packet.keepAlive, quint16(10));
    QCOMPARE(packet.properties.integer(PropertyId::SessionExpiryInterval), std::optional(5400U));
    QCOMPARE(packet.properties.integer(PropertyId::ReceiveMaximum), std::optional(7U));
    QCOMPARE(packet.properties.integer(PropertyId::MaximumPacketSize), std::optional(4096U));
    QCOMPARE(packet.properties.integer(PropertyId::TopicAliasMaximum), std::optional(5U));
    QVERIFY(packet.will);
    QCOMPARE(packet.will->topic, QByteArray("lost"));
    QCOMPARE(packet.will->qos, Qos::ExactlyOnce);
    QVERIFY(packet.will->retain);
    QCOMPARE(packet.will->properties.integer(PropertyId::WillDelayInterval), std::optional(120U));
    QCOMPARE(packet.userName, std::optional(QByteArray("user")));
    QCOMPARE(packet.password, std::optional(QByteArray("secret")));
    const Endpoint endpoint = toEndpoint(fullValues(), {});
    QCOMPARE(endpoint.host, QStringLiteral("broker.example"));
    QCOMPARE(endpoint.scheme, Scheme::SecureWebSocket);
    QCOMPARE(endpoint.path, QStringLiteral("/mqtt"));
    QCOMPARE(endpoint.tls.caFile, QStringLiteral("ca.pem"));
    ConnectValues plain = fullValues();
    plain.scheme = Scheme::Tcp;
    QCOMPARE(toEndpoint(plain, {}).tls, TlsSettings());
    QCOMPARE(toEndpoint(plain, {}).path, QString());
}

void TestForms::keeps_the_password_out_of_the_connect_for_a_method()
{
    ConnectValues values = fullValues();
    QVERIFY(!toAuthentication(values));
    values.credentials = Credentials::ScramSha256;
    ConnectForm form;
    form.setValues(values);
    QCOMPARE(form.values(), values);
    const ConnectPacket packet = toPacket(values);
    QVERIFY(!packet.userName && !packet.password);
    QCOMPARE(toAuthentication(values), std::optional(Authentication{"SCRAM-SHA-256", "user", "secret", {}}));
    values.version = Version::V311;
    QVERIFY(!toAuthentication(values));
    QVERIFY(toPacket(values).password);
}

void TestForms::says_what_the_client_does_on_its_own()
{
    const ClientPolicy policy = toPolicy(fullValues());
    QVERIFY(policy.reconnect.automatic && policy.followRedirects && policy.resubscribeWhenFresh);
    const ClientPolicy none = toPolicy({});
    QVERIFY(!none.reconnect.automatic && !none.followRedirects && !none.resubscribeWhenFresh);
}

void TestForms::hides_what_the_version_does_not_know()
{
    ConnectForm form;
    form.setValues(fullValues());
    form.show();
    auto *expiry = form.findChild<ExpiryField *>();
    auto *clean = named<QCheckBox>(form, QStringLiteral("Clean Start"));
    QVERIFY(expiry && clean);
    QVERIFY(expiry->isVisible());
    named<QComboBox>(form, QStringLiteral("MQTT version"))->setCurrentText(QStringLiteral("3.1.1"));
    QVERIFY(!expiry->isVisible());
    QVERIFY(!named<QWidget>(form, QStringLiteral("Receive Maximum"))->isVisible());
    QCOMPARE(clean->text(), QStringLiteral("Clean Session"));
    QCOMPARE(clean->accessibleName(), QStringLiteral("Clean Session"));
    QVERIFY(toPacket(form.values()).properties.isEmpty());
}

void TestForms::shows_what_the_transport_needs()
{
    ConnectForm form;
    ConnectValues values;
    values.broker = BrokerChoice::Other;
    form.setValues(values);
    form.show();
    auto *transport = named<QComboBox>(form, QStringLiteral("Transport"));
    auto *path = named<QLineEdit>(form, QStringLiteral("Path"));
    auto *ca = named<QLineEdit>(form, QStringLiteral("File of the CA's certificates"));
    auto *host = named<QLineEdit>(form, QStringLiteral("Host"));
    auto *insecure = named<QCheckBox>(form, QStringLiteral("Take any certificate"));
    QVERIFY(transport && path && ca && host && insecure);
    QVERIFY(!path->isVisible() && !ca->isVisible());
    const auto choose = [&](Scheme scheme) { transport->setCurrentIndex(transport->findData(int(scheme))); };
    choose(Scheme::Tls);
    QVERIFY(!path->isVisible() && ca->isVisible());
    // A port that nobody chose goes with the transport.
    QCOMPARE(form.values().port, quint16(8883));
    named<QSpinBox>(form, QStringLiteral("Port"))->setValue(8884);
    choose(Scheme::SecureWebSocket);
    QCOMPARE(form.values().port, quint16(8884));
    QCOMPARE(form.values().path, QStringLiteral("/mqtt"));
    QVERIFY(path->isVisible() && ca->isVisible());
    insecure->setChecked(true);
    QVERIFY(toEndpoint(form.values(), {}).tls.insecure);
    choose(Scheme::UnixSocket);
    QVERIFY(path->isVisible() && !ca->isVisible() && !host->isVisible());
    named<QComboBox>(form, QStringLiteral("Broker"))->setCurrentIndex(0);
    QVERIFY(!transport->isVisible() && !path->isVisible());
}

void TestForms::trusts_a_bundled_broker_with_tls_as_the_form_says()
{
    ConnectForm form;
    form.show();
    const auto *caFile = named<QLineEdit>(form, QStringLiteral("File of the CA's certificates"));
    const auto *transport = named<QComboBox>(form, QStringLiteral("Transport"));
    form.setBundledUrl(QStringLiteral("mqtt://127.0.0.1:1883"));
    QVERIFY(!caFile->isVisible());
    form.setBundledUrl(QStringLiteral("mqtts://127.0.0.1:8883"));
    QVERIFY(caFile->isVisible() && !transport->isVisible());
    ConnectValues values;
    values.tls.caFile = QStringLiteral("ca.pem");
    form.setValues(values);
    const Endpoint secure = toEndpoint(form.values(), {Scheme::Tls, QStringLiteral("127.0.0.1"), 8883, {}});
    QCOMPARE(secure.tls.caFile, QStringLiteral("ca.pem"));
    QCOMPARE(secure.port, quint16(8883));
    QVERIFY(toEndpoint(form.values(), {Scheme::Tcp, QStringLiteral("127.0.0.1"), 1883, {}}).tls.caFile.isEmpty());
    auto *broker = named<QComboBox>(form, QStringLiteral("Broker"));
    broker->setCurrentIndex(broker->findData(int(BrokerChoice::Other)));
    QVERIFY(!caFile->isVisible() && transport->isVisible()); // TCP, until another transport is chosen
}

void TestForms::tells_the_forecast_while_values_change()
{
    ConnectForm form;
    form.setValues({});
    const auto *sentence = form.findChild<QLabel *>(QStringLiteral("forecast"));
    const QString before = sentence->text();
    auto *kind = named<QComboBox>(form, QStringLiteral("Session expiry choice"));
    kind->setCurrentIndex(kind->findData(int(ExpiryKind::Never)));
    QVERIFY(sentence->text() != before);
    QCOMPARE(sentence->text(), forecast(form.values()).sentence());
    QVERIFY(form.findChild<QLabel *>(QStringLiteral("advice"))->text().contains(QStringLiteral("fill the broker")));
}

void TestForms::asks_to_connect_by_return_and_by_button()
{
    ConnectForm form;
    form.show();
    QSignalSpy asked(&form, &ConnectForm::connectRequested);
    QTest::keyClick(named<QLineEdit>(form, QStringLiteral("Client ID")), Qt::Key_Return);
    QTest::mouseClick(form.findChild<QPushButton *>(QStringLiteral("connect")), Qt::LeftButton);
    QCOMPARE(asked.size(), 2);
}

void TestForms::keeps_every_number_of_seconds_data()
{
    QTest::addColumn<quint32>("seconds");
    for (const quint32 seconds : {1U, 59U, 60U, 61U, 3600U, 5400U, 86'400U, 2'147'483'648U, SecondsField::largest})
        QTest::addRow("%u", seconds) << seconds;
}

void TestForms::keeps_every_number_of_seconds()
{
    QFETCH(quint32, seconds);
    SecondsField field(QStringLiteral("time"), 1);
    field.setSeconds(seconds);
    QCOMPARE(field.seconds(), seconds);
}

void TestForms::publishes_what_the_fields_say()
{
    PublishForm form;
    form.setState(Version::V5, true);
    PublishCommand sent;
    connect(&form, &PublishForm::publishRequested, this, [&](const PublishCommand &command) { sent = command; });
    named<QLineEdit>(form, QStringLiteral("Publish topic"))->setText(QStringLiteral("plant/7/valve"));
    named<QComboBox>(form, QStringLiteral("Publish QoS"))->setCurrentIndex(2);
    named<QCheckBox>(form, QStringLiteral("Retain"))->setChecked(true);
    named<QCheckBox>(form, QStringLiteral("Send a message expiry"))->setChecked(true);
    named<QLineEdit>(form, QStringLiteral("Content type"))->setText(QStringLiteral("text/plain"));
    named<QLineEdit>(form, QStringLiteral("User properties"))->setText(QStringLiteral("a=1; b = x=y"));
    auto *payload = named<QWidget>(form, QStringLiteral("Payload"));
    payload->setProperty("plainText", QStringLiteral("open"));
    form.show();
    QVERIFY(QTest::qWaitForWindowActive(&form));
    QTest::keyClick(payload, Qt::Key_Return, Qt::ControlModifier);
    QCOMPARE(sent.message.topic, QByteArray("plant/7/valve"));
    QCOMPARE(sent.message.payload, QByteArray("open"));
    QCOMPARE(sent.message.qos, Qos::ExactlyOnce);
    QVERIFY(sent.message.retain);
    const Properties &properties = sent.message.properties;
    QCOMPARE(properties.integer(PropertyId::MessageExpiryInterval), std::optional(60U));
    QCOMPARE(properties.bytes(PropertyId::ContentType), std::optional(QByteArray("text/plain")));
    QCOMPARE(properties.count(PropertyId::UserProperty), 2);
    form.setState(Version::V311, true);
    QVERIFY(form.message().properties.isEmpty());
}

void TestForms::publishes_nothing_before_the_first_connect()
{
    PublishForm form;
    QSignalSpy asked(&form, &PublishForm::publishRequested);
    auto *topic = named<QLineEdit>(form, QStringLiteral("Publish topic"));
    topic->setText(QStringLiteral("t"));
    QTest::keyClick(topic, Qt::Key_Return);
    QVERIFY(!form.findChild<QPushButton *>(QStringLiteral("publish"))->isEnabled());
    QCOMPARE(asked.size(), 0);
}

void TestForms::refuses_user_properties_without_a_value()
{
    PublishForm form;
    form.setState(Version::V5, true);
    auto *button = form.findChild<QPushButton *>(QStringLiteral("publish"));
    auto *pairs = named<QLineEdit>(form, QStringLiteral("User properties"));
    pairs->setText(QStringLiteral("a=1; b"));
    QVERIFY(!button->isEnabled());
    pairs->setText(QStringLiteral("a=1; b="));
    QVERIFY(button->isEnabled());
}

void TestForms::minds_no_user_properties_where_they_are_not_sent()
{
    PublishForm form;
    form.setState(Version::V5, true);
    named<QLineEdit>(form, QStringLiteral("User properties"))->setText(QStringLiteral("b"));
    auto *button = form.findChild<QPushButton *>(QStringLiteral("publish"));
    QVERIFY(!button->isEnabled());
    form.setState(Version::V311, true);
    QVERIFY(button->isEnabled());
    form.setState(Version::V5, true);
    QVERIFY(!button->isEnabled());
}

void TestForms::lets_outcomes_be_copied()
{
    PublishForm publishForm;
    SubscribeForm subscribeForm;
    publishForm.setState(Version::V5, true);
    const auto check = [](auto &form, const QString &name) {
        auto *label = named<QLabel>(form, name);
        QVERIFY(label);
        QVERIFY(!(label->focusPolicy() & Qt::TabFocus)); // empty, it is nothing to stop for
        const QString answer = QStringLiteral("plant/+/alarm: 0x87 Not authorized");
        form.setOutcome(answer);
        form.show();
        QVERIFY(QTest::qWaitForWindowActive(&form));
        QCOMPARE(label->accessibleName(), QString(name + QStringLiteral(": ") + answer));
        QVERIFY(label->focusPolicy() & Qt::TabFocus);
        label->setFocus(Qt::TabFocusReason);
        QTest::keySequence(label, QKeySequence::SelectAll);
        QTest::keySequence(label, QKeySequence::Copy);
        QCOMPARE(QApplication::clipboard()->text(), answer);
    };
    check(publishForm, QStringLiteral("Outcome of the publish"));
    check(subscribeForm, QStringLiteral("Answer of the broker"));
}

void TestForms::subscribes_with_all_options()
{
    SubscribeForm form;
    form.setState(Version::V5, true);
    named<QLineEdit>(form, QStringLiteral("Topic filter"))->setText(QStringLiteral("cmd/#"));
    named<QCheckBox>(form, QStringLiteral("No local"))->setChecked(true);
    named<QCheckBox>(form, QStringLiteral("Retain as published"))->setChecked(true);
    named<QComboBox>(form, QStringLiteral("Retain handling"))->setCurrentIndex(1);
    named<QWidget>(form, QStringLiteral("Subscription identifier"))->setProperty("value", 9);
    const SubscribeCommand command = form.command();
    QCOMPARE(command.entries.size(), 1);
    QCOMPARE(command.entries[0].filter, QByteArray("cmd/#"));
    const SubscriptionOptions wanted{Qos::ExactlyOnce, true, true, RetainHandling::SendIfNew, 0};
    QCOMPARE(command.entries[0].options, wanted);
    QCOMPARE(command.properties.integer(PropertyId::SubscriptionIdentifier), std::optional(9U));
    form.setState(Version::V311, true);
    QVERIFY(form.command().properties.isEmpty());
    QVERIFY(!form.command().entries[0].options.noLocal);
}

void TestForms::unsubscribes_the_selected_filters()
{
    SubscribeForm form;
    form.setState(Version::V5, true);
    form.setSubscriptions({{"a", {}, {}}, {"b", {}, {}}});
    auto *button = form.findChild<QPushButton *>(QStringLiteral("unsubscribe"));
    QVERIFY(!button->isEnabled());
    UnsubscribeCommand asked;
    connect(&form, &SubscribeForm::unsubscribeRequested, this,
            [&](const UnsubscribeCommand &command) { asked = command; });
    form.table()->selectRow(1);
    button->click();
    QCOMPARE(asked.filters, QList<QByteArray>{"b"});
}

void TestForms::names_every_control()
{
    ConnectForm connectForm;
    PublishForm publishForm;
    SubscribeForm subscribeForm;
    for (const QWidget *form : std::initializer_list<const QWidget *>{&connectForm, &publishForm, &subscribeForm}) {
        for (QWidget *child : form->findChildren<QWidget *>()) {
            const bool inner = child->parentWidget() && child->parentWidget()->focusProxy() == child;
            if (!(child->focusPolicy() & Qt::TabFocus) || inner ||
                child->objectName().startsWith(QStringLiteral("qt_")))
                continue;
            QAccessibleInterface *seen = QAccessible::queryAccessibleInterface(child);
            QVERIFY(seen);
            QVERIFY2(!seen->text(QAccessible::Name).isEmpty(),
                     qPrintable(QString::fromLatin1(child->metaObject()->className()) + child->objectName()));
        }
    }
}

QTEST_MAIN(TestForms)
#include "tst_forms.moc"
