// What is shown of a secret, of its length included, whatever a fault has made of the packet that held it.
#include "core/trace/masker.h"
#include "core/trace/text.h"

#include <QTest>

using namespace sessionscope;

namespace {

PacketTrace connectWith(const QByteArray &password)
{
    ConnectPacket connect;
    connect.clientId = "door";
    connect.userName = "plant";
    connect.password = password;
    return {Direction::Sent, Version::V5, encode(Packet{connect, {}}, Version::V5), {}, {}};
}

TraceRecord recordOf(quint64 seq, quint64 cause, TraceEvent what, Role role = Role::Client)
{
    TraceRecord record;
    record.seq = {seq};
    record.cause = {cause};
    record.role = role;
    record.client = ClientKey{1};
    record.link = LinkId{quint32(role) + 1};
    record.what = std::move(what);
    return record;
}

/// A CONNECT whose User Name takes the password in, as its sender, the fault and the broker have it.
std::vector<TraceRecord> corrupted(const QByteArray &password)
{
    const PacketTrace plain = connectWith(password);
    const auto length = plain.head.indexOf("plant") - 1;
    const auto lastProperty = char(plain.head.at(length) + password.size());
    FaultTrace fault{.act = FaultAct::Corrupted, .bytes = plain.head};
    fault.bytes[length] = lastProperty;
    PacketTrace arrived = plain;
    arrived.direction = Direction::Received;
    arrived.head = fault.bytes;
    return {
        recordOf(1, 0, plain), recordOf(2, 1, fault), recordOf(3, 2, arrived, Role::Broker),
        recordOf(4, 3, BrokerNote{ServerSessionChanged{"door", SessionChange::Created, {}, LinkId{2}}}, Role::Broker),
        recordOf(5, 3, BrokerNote{MessageDropped{"door", "from/" + password, DropCause::QueueFull}}, Role::Broker)};
}

QString shown(const std::vector<TraceRecord> &records)
{
    Masker masker;
    QStringList lines;
    for (const TraceRecord &record : records)
        lines << recordText(record, QStringLiteral("door"), masker);
    return lines.join(u'\n');
}

} // namespace

class MaskerTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void masks_the_bytes_of_a_packet_and_keeps_their_number()
    {
        Masker masker;
        TraceRecord record = recordOf(1, 0, connectWith("battery staple"));
        const PacketTrace before = std::get<PacketTrace>(record.what);
        masker.hide(record);
        const auto &after = std::get<PacketTrace>(record.what);
        QCOMPARE(after.size(), before.size());
        QVERIFY(before.head.endsWith("battery staple"));
        QVERIFY(after.head.endsWith(QByteArray(14, '*')));
        QVERIFY(!masker.hasLeak());
    }

    void leaves_other_packets_and_shares_their_payload()
    {
        Masker masker;
        PacketTrace publish{Direction::Sent, Version::V5, QByteArray::fromHex("3005000174"), "**", {}};
        TraceRecord record = recordOf(1, 0, publish);
        masker.hide(record);
        const auto &after = std::get<PacketTrace>(record.what);
        QCOMPARE(after.head, publish.head);
        QVERIFY(after.payload.isSharedWith(publish.payload));
    }

    void shows_no_part_of_a_secret_that_was_taken_for_something_else()
    {
        const QByteArray password = "battery staple";
        const QString text = shown(corrupted(password));
        QVERIFY2(text.contains(QStringLiteral("fault: corrupted")), qPrintable(text));
        for (qsizetype i = 0; i + 4 <= password.size(); ++i)
            QVERIFY2(!text.contains(QString::fromLatin1(password.mid(i, 4))), qPrintable(text));
    }

    void tells_what_a_fault_did_to_a_secret_and_not_its_bytes()
    {
        const QByteArray password = "battery staple";
        const qsizetype offset = connectWith(password).head.indexOf(password) + 1;
        const auto shownWith = [&](const QString &detail) {
            std::vector<TraceRecord> records = corrupted(password);
            std::get<FaultTrace>(records[1].what).detail = detail.arg(offset);
            return shown(records);
        };
        const QString flipped = shownWith(QStringLiteral("byte %1 0x61 → 0x62"));
        QVERIFY2(!flipped.contains(QStringLiteral("0x61")) && !flipped.contains(QStringLiteral("0x62")),
                 qPrintable(flipped));
        const QString dropped = shownWith(QStringLiteral("3 bytes from byte %1 on dropped"));
        QVERIFY2(dropped.contains(QStringLiteral("on dropped")), qPrintable(dropped));
    }

    void shows_no_length_of_a_secret()
    {
        const QString text = shown(corrupted("battery staple"));
        QVERIFY2(text.contains(QLatin1String(Masker::textMask)), qPrintable(text));
        QVERIFY2(!text.contains(QLatin1String(Masker::textMask) + u'*'), qPrintable(text));
        // Bytes are counted, and tell of packets: what was taken for a name does not.
        const QString other = shown(corrupted("unladen swallow velocity"));
        QCOMPARE(other.section(u'\n', -1), text.section(u'\n', -1));
    }

    void keeps_the_length_of_a_value()
    {
        Masker masker;
        for (const TraceRecord &record : corrupted("battery staple"))
            masker.safe(record);
        QCOMPARE(masker.safeValue(QStringLiteral("a battery staple b")), QStringLiteral("a ************** b"));
        QCOMPARE(masker.safe(QStringLiteral("a battery staple b")), QStringLiteral("a ******** b"));
        QCOMPARE(masker.safe(QStringLiteral("0x006261747465727920737461706c6500")), QStringLiteral("0x00********00"));
        QCOMPARE(masker.safe(QStringLiteral("0x00c2a2a2a3, * and 2a2a2a")),
                 QStringLiteral("0x00c2a2a2a3, * and 2a2a2a"));
    }
};

QTEST_APPLESS_MAIN(MaskerTest)
#include "tst_masker.moc"
