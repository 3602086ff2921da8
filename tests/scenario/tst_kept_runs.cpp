// What is kept of a run that did not pass: the run as a scenario of its own, its recording, and a capture of it.
// Nothing that is secret is in any of them.
#include "core/mqtt/dissect.h"
#include "core/scenario/flatten.h"
#include "core/scenario/kept_run.h"
#include "core/scenario/read_scenario.h"
#include "core/scenario/virtual_run.h"
#include "core/trace/pcapng.h"
#include "core/trace/text.h"

#include <QTest>
#include <QtEndian>

using namespace sessionscope;
using namespace std::chrono_literals;

namespace {

const QByteArray password = "correct horse";
/// Given as --set riddle="hush one".
const QString hush = QStringLiteral("hush one");

/// Everything that a trace can hold, and an expectation that is not met.
const QByteArray eventful = R"(
scenario: "Eventful ${what}"
variables: { topic: cmd/open, price: "$${5}" }
with: [ { what: one }, { what: two } ]
clients:
  door:
    clean_start: false
    session_expiry: 1h
    username: door
    password: { env: DOOR_PASSWORD }
    auto_reconnect: { first_wait: 2s }
    will: { topic: w, payload: gone }
  backend: { authentication: { method: riddle, script: [ "${riddle}", "hush two" ] } }
  plain: { version: 3.1.1 }
  rude:
steps:
  - door: connect
  - door: { subscribe: { filter: cmd/#, qos: 2 } }
  - backend: connect
    expect: { connack: { reason: bad_authentication_method } }
  - plain: connect
  - rude: connect
  - rude: { send_raw: "62 02 00 00" }
  - door: { duplicate: { when: { before_receiving: { packet: PUBLISH } } } }
  - plain: { publish: { topic: "${topic}", qos: 2, payload: "${price}" } }
  - door: { hold: [PUBREC] }
  - plain: { publish: { topic: "${topic}", qos: 2, payload: { hex: "00 ff fe" } } }
  - door: { release: all }
  - include: more.yaml
  - door: { drop: { when: { before_sending: PUBLISH } } }
  - door: { publish: { topic: x, qos: 1, payload: lost } }
  - door: { corrupt: { offset: 14, when: { before_sending: CONNECT } } }
  - door: { cut: { when: { after_sending: { packet: PUBLISH, topic: y } }, how: close } }
  - door: { publish: { topic: y, qos: 1, payload: y } }
  - wait: 3s
  - plain: { send_raw: "10 1f 00 04 4d 51 54 54 05 c2 00 3c 00 00 01 41 00 01 75 00 0d 63 6f 72 72 65 63 74 20 68 6f 72 73 65" }
  - wait: 1s
  - expect: { door.received: { payload: "${what}" } }
)";

Result<LoadedFile, QString> load(const QString &path, const QString &, LoadKind)
{
    if (path == u"more.yaml")
        return LoadedFile{path, "- door: { behave: [acks_twice] }\n- door: ping\n"};
    return QStringLiteral("there is no such file");
}

RunOptions keeping()
{
    return {.secrets = {{SecretReference{SecretSource::Environment, QStringLiteral("DOOR_PASSWORD")}, password}},
            .seed = 5,
            .recordings = Recordings::Kept};
}

std::vector<Scenario> read(const QByteArray &text)
{
    auto scenarios = readScenarios(text, QStringLiteral("eventful.yaml"), {{QStringLiteral("riddle"), hush}}, load);
    if (!scenarios)
        qWarning("%s", qPrintable(problemText(scenarios.error().front())));
    return scenarios ? std::move(scenarios).value() : std::vector<Scenario>();
}

struct Kept
{
    Scenario scenario;
    RunResult run;
    Recording recording;
};

const Kept &kept()
{
    static const Kept all = [] {
        Kept made{.scenario = read(eventful).at(1)};
        made.run = runVirtually(made.scenario, keeping());
        made.recording =
            recordingOf({.program = QStringLiteral("test 1"), .broker = QStringLiteral("bundled")}, made.run);
        return made;
    }();
    return all;
}

QStringList textOf(const Recording &recording)
{
    QStringList lines;
    for (const TraceRecord &record : recording.records)
        lines << QString::number(record.seq.value) + u' ' + QString::number(record.cause.value) + u' ' +
                     recordText(record, recording.nameOf(record.client));
    return lines;
}

QByteArray file(const std::vector<KeptFile> &files, QStringView ending)
{
    const auto found = std::ranges::find(files, ending, &KeptFile::ending);
    return found == files.end() ? QByteArray() : found->content;
}

/// The kinds of records, each once.
std::set<std::size_t> kindsIn(const Recording &recording)
{
    std::set<std::size_t> kinds;
    for (const TraceRecord &record : recording.records)
        kinds.insert(record.what.index());
    return kinds;
}

// ---- a reader of captures, for what is written here ----

quint32 sum(const QByteArray &bytes)
{
    quint32 total = 0;
    for (qsizetype i = 0; i < bytes.size(); ++i)
        total += i % 2 ? quint8(bytes.at(i)) : quint32(quint8(bytes.at(i))) << 8;
    while (total >> 16)
        total = (total & 0xFFFF) + (total >> 16);
    return total;
}

struct Capture
{
    bool isSound = true;
    std::map<QByteArray, QByteArray> streams; ///< by "address:port>address:port" as bytes
    QByteArrayList comments;
    qsizetype packets = 0;
};

void takePacket(Capture &capture, const QByteArray &block)
{
    const auto size = qFromLittleEndian<quint32>(block.constData() + 12);
    const QByteArray ip = block.mid(20, size);
    const qsizetype length = qFromBigEndian<quint16>(ip.constData() + 2);
    const QByteArray tcp = ip.mid(20);
    const QByteArray pseudo = ip.mid(12, 8) + QByteArray::fromHex("0006") +
                              QByteArray::fromHex(QByteArray::number(tcp.size(), 16).rightJustified(4, '0'));
    capture.isSound =
        capture.isSound && length == ip.size() && sum(ip.first(20)) == 0xFFFF && sum(pseudo + tcp) == 0xFFFF;
    capture.streams[ip.mid(12, 8) + tcp.first(4)] += tcp.mid(20);
    ++capture.packets;
    const qsizetype options = 20 + (size + 3) / 4 * 4;
    if (options < block.size())
        capture.comments << block.mid(options + 4, qFromLittleEndian<quint16>(block.constData() + options + 2));
}

Capture readCapture(const QByteArray &text)
{
    Capture capture;
    for (qsizetype at = 0; at < text.size();) {
        const auto type = qFromLittleEndian<quint32>(text.constData() + at);
        const auto size = qsizetype(qFromLittleEndian<quint32>(text.constData() + at + 4));
        const bool isWhole = size >= 12 && size % 4 == 0 && at + size <= text.size() &&
                             qFromLittleEndian<quint32>(text.constData() + at + size - 4) == quint32(size);
        capture.isSound = capture.isSound && isWhole;
        if (!isWhole)
            break;
        if (type == 6)
            takePacket(capture, text.mid(at + 8, size - 12));
        at += size;
    }
    return capture;
}

} // namespace

class KeptRunsTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void a_recording_reads_back_as_it_was()
    {
        const Recording &recording = kept().recording;
        QVERIFY2(recording.records.size() > 100, qPrintable(kept().run.trace.join(u'\n')));
        QCOMPARE(kindsIn(recording).size(), std::variant_size_v<TraceEvent>);
        const QByteArray text = writeRecording(recording);
        const auto again = readRecording(text);
        QVERIFY2(again, qPrintable(again ? QString() : again.error()));
        QCOMPARE(again->program, QStringLiteral("test 1"));
        QCOMPARE(again->title, QStringLiteral("Eventful two [what=two]"));
        QCOMPARE(again->verdict, QStringLiteral("failed"));
        QCOMPARE(again->seed, std::optional<quint64>(5));
        QVERIFY(again->outcome.join(u'\n').contains(QStringLiteral("expected door received: payload: \"two\"")));
        QCOMPARE(again->standings, recording.standings);
        QVERIFY(!again->standings.empty());
        QCOMPARE(writeRecording(*again), text);
        const QStringList before = textOf(recording);
        const QStringList after = textOf(*again);
        QCOMPARE(after, before);
        QCOMPARE(ladderText(ladderOf(*again)), ladderText(ladderOf(recording)));
    }

    void refuses_what_is_no_recording_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QString>("why");
        const QByteArray head = "{\"sessionscope_recording\":1}\n";
        QTest::newRow("nothing") << QByteArray() << QStringLiteral("an empty file: expected a recording");
        QTest::newRow("another file") << QByteArray("scenario: S\n") << QStringLiteral("line 1: no JSON object");
        QTest::newRow("other JSON") << QByteArray("{}\n") << QStringLiteral("line 1: no recording");
        QTest::newRow("of the future") << QByteArray("{\"sessionscope_recording\":2}\n")
                                       << QStringLiteral("line 1: a recording of form 2");
        QTest::newRow("a kind that there is not") << QByteArray(head + "{\"seq\":1,\"at\":0,\"kind\":\"tea\"}\n")
                                                  << QStringLiteral("line 2: \"tea\" is no kind");
        QTest::newRow("bytes that are none")
            << QByteArray(
                   head +
                   "\n{\"seq\":1,\"at\":0,\"kind\":\"packet\",\"direction\":\"sent\",\"version\":5,\"hex\":\"1\"}")
            << QStringLiteral("line 3: \"hex\" is missing or wrong");
        QTest::newRow("a word that is none")
            << QByteArray(head + "{\"seq\":1,\"at\":0,\"kind\":\"link\",\"change\":\"bent\",\"detail\":\"\"}\n")
            << QStringLiteral("line 2: \"change\" is missing or wrong");
        QTest::newRow("a number that its field cannot hold")
            << QByteArray(head + "{\"seq\":1,\"at\":0,\"link\":4294967297,\"kind\":\"command\",\"command\":\"a\"}\n")
            << QStringLiteral("line 2: \"link\" is missing or wrong");
        QTest::newRow("a time that is out of reach")
            << QByteArray(head + "{\"seq\":1,\"at\":9000000000000000000,\"kind\":\"command\",\"command\":\"a\"}\n")
            << QStringLiteral("line 2: \"at\" is missing or wrong");
        QTest::newRow("a beginning that is out of reach")
            << QByteArray("{\"sessionscope_recording\":1,\"started_at\":9000000000000000000}\n")
            << QStringLiteral("line 1: \"started_at\" is missing or wrong");
        QTest::newRow("hexadecimal that is none")
            << QByteArray(head + "{\"seq\":1,\"at\":0,\"client\":1,\"kind\":\"server_redirected\",\"server_reference\":"
                                 "{\"hex\":\"zz1\"},"
                                 "\"permanent\":true}\n")
            << QStringLiteral("line 2: \"server_reference\" is missing or wrong");
        QTest::newRow("out of order") << QByteArray(head +
                                                    "{\"seq\":2,\"at\":0,\"kind\":\"command\",\"command\":\"a\"}\n"
                                                    "{\"seq\":1,\"at\":0,\"kind\":\"command\",\"command\":\"a\"}\n")
                                      << QStringLiteral("line 3: record 1 stands behind 2");
    }
    void refuses_what_is_no_recording()
    {
        QFETCH(QByteArray, text);
        QFETCH(QString, why);
        const auto recording = readRecording(text);
        QVERIFY(!recording);
        QVERIFY2(recording.error().startsWith(why), qPrintable(recording.error()));
    }

    void no_file_holds_a_secret()
    {
        const auto files = keptFilesOf({.program = QStringLiteral("test 1"), .broker = QStringLiteral("bundled")},
                                       kept().scenario, keeping(), kept().run);
        QCOMPARE(files.size(), std::size_t(4));
        for (const KeptFile &one : files) {
            QVERIFY(!one.content.isEmpty());
            for (const QByteArray &secret : {password, hush.toUtf8()}) {
                QVERIFY2(!one.content.contains(secret), qPrintable(one.ending));
                QVERIFY2(!one.content.contains(secret.toHex()), qPrintable(one.ending));
                // Also not with one byte changed, as a fault has sent it.
                QVERIFY2(!one.content.contains(secret.mid(3)), qPrintable(one.ending));
                QVERIFY2(!one.content.contains(secret.mid(3).toHex()), qPrintable(one.ending));
            }
        }
        QVERIFY(file(files, u".recording.jsonl").contains(QByteArray(password.size(), secretMask).toHex()));
    }

    void what_authentication_sends_is_demanded_again()
    {
        const QByteArray text = R"(
scenario: Riddles
broker: { authentication: [ { method: riddle, exchanges: [ { challenge: "ask ${riddle}", response: "${riddle}" } ] } ] }
clients:
  door: { authentication: { method: riddle, script: [ "${riddle}", { hex: "68 75 73 68" } ] } }
  rude:
steps:
  - repeat:
      times: 1
      steps:
        - rude: connect
        - rude: { auth: { method: riddle, data: "${riddle}" } }
  - wait: 1s
  - parallel: [ [ { rude: connect }, { rude: { auth: { data: "${riddle}" } } } ], [ { wait: 1s } ] ]
  - expect: { rude.packets: { sent: AUTH, authentication_data: "not ${riddle}" } }
)";
        const auto scenarios = read(text);
        QCOMPARE(scenarios.size(), std::size_t(1));
        const RunResult run = runVirtually(scenarios.front(), keeping());
        const auto files = keptFilesOf({.program = QStringLiteral("test 1"), .broker = QStringLiteral("bundled")},
                                       scenarios.front(), keeping(), run);
        QCOMPARE(files.size(), std::size_t(4));
        for (const KeptFile &one : files) {
            QVERIFY2(!one.content.contains(hush.toUtf8()), qPrintable(one.ending));
            QVERIFY2(!one.content.contains(hush.toUtf8().toHex()), qPrintable(one.ending));
        }
        const QByteArray written = file(files, u".yaml");
        QVERIFY2(!written.contains("68 75 73 68"), written);
        const QByteArray head = written.left(written.indexOf("\nscenario:"));
        Variables values{{QStringLiteral("BROKER_AUTH_1"), QStringLiteral("ask ") + hush},
                         {QStringLiteral("DOOR_AUTH_2"), QStringLiteral("68 75 73 68")},
                         {QStringLiteral("EXPECTED_AUTH_1"), QStringLiteral("not ") + hush}};
        for (const char *name : {"BROKER_AUTH_2", "DOOR_AUTH_1", "RUDE_AUTH_1", "RUDE_AUTH_2"})
            values[QString::fromLatin1(name)] = hush;
        for (const auto &[name, value] : values)
            QVERIFY2(head.contains(name.toUtf8()), written);
        QVERIFY(!readScenarios(written, QStringLiteral("kept.yaml")));
        const auto again = readScenarios(written, QStringLiteral("kept.yaml"), values);
        QVERIFY2(again, again ? "" : qPrintable(problemText(again.error().front())));
        QVERIFY(again->front().clients.front().authentication == scenarios.front().clients.front().authentication);
        const RunResult second = runVirtually(again->front(), keeping());
        QCOMPARE(second.verdict, run.verdict);
        QCOMPARE(second.trace, run.trace);

        // As of a counterexample, whose steps stand with their values.
        const QByteArray example =
            withoutSecrets(QByteArray(text).replace("${riddle}", hush.toUtf8()), scenarios.front());
        QVERIFY2(!example.contains(hush.toUtf8()) && example.contains("${RUDE_AUTH_2}"), example);
    }

    void a_corrupted_packet_shows_no_secret_data()
    {
        QTest::addColumn<QByteArray>("fault");
        // 10 len 00 04 MQTT 05 flags 00 3c 00 00 04 door 00 04 user 00 0d correct horse
        const auto row = [](const char *name, const char *fault) { QTest::newRow(name) << QByteArray(fault); };
        row("another packet", "corrupt: { offset: 0, mask: 32");
        row("another length of the packet", "corrupt: { offset: 1, mask: 8");
        row("a longer Client Identifier", "corrupt: { offset: 14, mask: 8");
        row("a longer User Name", "corrupt: { offset: 20, mask: 8");
        row("a shorter Password", "corrupt: { offset: 26, mask: 8");
        row("within the Password", "corrupt: { offset: 30, mask: 1");
        row("without its first byte", "drop: { bytes: 1");
        row("without the Client Identifier", "drop: { offset: 13, bytes: 6");
        row("without the Password's length", "drop: { offset: 25, bytes: 2");
        row("without a part of the Password", "drop: { offset: 30, bytes: 3");
        row("without the Password's end", "drop: { offset: 34");
        row("its beginning twice", "duplicate: { bytes: 12");
        row("the User Name twice", "duplicate: { offset: 19, bytes: 6");
        row("a part of the Password twice", "duplicate: { offset: 28, bytes: 6");
        row("its end twice", "duplicate: { offset: 13");
    }
    void a_corrupted_packet_shows_no_secret()
    {
        QFETCH(QByteArray, fault);
        const QByteArray text = "scenario: Corrupt\n"
                                "clients: { door: { username: user, password: { env: DOOR_PASSWORD } } }\n"
                                "steps:\n"
                                "  - door: { " +
                                fault +
                                ", when: { before_sending: CONNECT } } }\n"
                                "  - door: connect\n"
                                "  - wait: 1min\n"
                                "  - expect: { door.received: { payload: never } }\n";
        const auto scenarios = readScenarios(text, QStringLiteral("corrupt.yaml"));
        QVERIFY2(scenarios, scenarios ? "" : qPrintable(problemText(scenarios.error().front())));
        const RunResult run = runVirtually(scenarios->front(), keeping());
        QVERIFY(run.trace.join(u'\n').contains(QStringLiteral("fault: corrupted")));
        const auto files = keptFilesOf({.program = QStringLiteral("test 1"), .broker = QStringLiteral("bundled")},
                                       scenarios->front(), keeping(), run);
        for (const KeptFile &one : files) {
            for (qsizetype i = 0; i + 5 <= password.size(); ++i) {
                const QByteArray part = password.mid(i, 5);
                QVERIFY2(!one.content.contains(part), qPrintable(one.ending + u' ' + QString::fromLatin1(part)));
                QVERIFY2(!one.content.contains(part.toHex()),
                         qPrintable(one.ending + u' ' + QString::fromLatin1(part)));
            }
        }
        QVERIFY2(readRecording(file(files, u".recording.jsonl")), "a recording that is masked reads back");
    }

    void a_long_name_does_not_break_a_capture()
    {
        Recording recording;
        recording.clients[ClientKey{1}] = QString(70'000, u'n');
        recording.clients[ClientKey{2}] = QStringLiteral("door") + QChar(u'\0') + QStringLiteral("mat");
        const QByteArray text = writePcapng(recording);
        QVERIFY(readCapture(text).isSound);
        QVERIFY(text.contains(QByteArray(255, 'n') + '\0'));
        QVERIFY(!text.contains(QByteArray(256, 'n')));
        QVERIFY(text.contains(QByteArray("door\0", 5)) && !text.contains("mat"));
    }

    void the_run_as_a_scenario_fails_in_the_same_way()
    {
        const QByteArray text = flattened(kept().scenario, keeping(), QStringLiteral("test 1"));
        QVERIFY(text.startsWith("# One run of eventful.yaml, by test 1.\n"));
        QVERIFY(!text.contains("include:") && !text.contains("with:") && !text.contains("variables:"));
        RunOptions others = keeping();
        others.seed.reset();
        const auto again = readScenarios(
            text, QStringLiteral("kept.yaml"),
            {{QStringLiteral("BACKEND_AUTH_1"), hush}, {QStringLiteral("BACKEND_AUTH_2"), QStringLiteral("hush two")}});
        QVERIFY2(again, again ? "" : qPrintable(problemText(again.error().front())));
        QCOMPARE(again->size(), std::size_t(1));
        QCOMPARE(again->front().name, kept().scenario.name);
        const RunResult run = runVirtually(again->front(), others);
        QCOMPARE(run.verdict, kept().run.verdict);
        QCOMPARE(run.failures.size(), kept().run.failures.size());
        QCOMPARE(run.failures.front().waitedFor, kept().run.failures.front().waitedFor);
        QCOMPARE(run.failures.front().closest, kept().run.failures.front().closest);
        QCOMPARE(run.failures.front().step, kept().run.failures.front().step);
        QCOMPARE(run.trace, kept().run.trace);
    }

    void a_capture_has_the_bytes_that_passed()
    {
        const Capture capture = readCapture(writePcapng(kept().recording));
        QVERIFY(capture.isSound);
        QVERIFY(capture.packets > 50);
        std::map<PacketType, int> sent;
        for (const auto &[stream, bytes] : capture.streams) {
            const bool isFromDoor = stream.startsWith(QByteArray::fromHex("0a000001"));
            if (!isFromDoor)
                continue;
            for (const QByteArray &frame : framesIn(bytes))
                ++sent[PacketType(quint8(frame.front()) >> 4)];
        }
        // Two connects, of which the second was corrupted; one PUBLISH was dropped and one was the last that passed.
        QVERIFY(sent[PacketType::Connect] >= 2);
        QCOMPARE(sent[PacketType::Subscribe], 1);
        QVERIFY(capture.comments.join('\n').contains("fault: dropped"));
        QVERIFY(capture.comments.join('\n').contains("fault: cut after"));
    }

    void a_large_packet_takes_several_segments()
    {
        Recording recording;
        recording.clients[ClientKey{1}] = QStringLiteral("door");
        const auto add = [&recording](TraceEvent what) {
            TraceRecord record{
                .seq = TraceSeq{recording.records.size() + 1}, .client = ClientKey{1}, .link = LinkId{1}};
            record.what = std::move(what);
            recording.records.push_back(std::move(record));
        };
        const QByteArray frame =
            encode(Packet{PublishPacket{.topic = "t", .payload = QByteArray(200'000, 'x')}, {}}, Version::V5);
        add(LinkTrace{LinkChange::Opened, {}});
        add(PacketTrace{.direction = Direction::Sent, .version = Version::V5, .head = frame});
        add(LinkTrace{LinkChange::ClosedByUs, {}});
        const Capture capture = readCapture(writePcapng(recording));
        QVERIFY(capture.isSound);
        QVERIFY(std::ranges::any_of(capture.streams, [&frame](const auto &one) { return one.second == frame; }));
    }
};

QTEST_APPLESS_MAIN(KeptRunsTest)
#include "tst_kept_runs.moc"
