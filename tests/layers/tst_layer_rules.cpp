// The test of the layer test: small trees that break one rule each, and ones that only seem to.
#include "tests/layers/layer_rules.h"

#include <QTest>

using namespace Qt::StringLiterals;
using namespace sessionscope::layers;

namespace {

struct Text
{
    QString path;
    QString text;
};
using Tree = QList<Text>;

QStringList findingsIn(const Tree &tree)
{
    QList<SourceFile> files;
    for (const auto &file : tree)
        files.append(readSource(file.path, file.text));
    QStringList found;
    for (const auto &finding : check(files))
        found.append(finding.text());
    return found;
}

} // namespace

Q_DECLARE_METATYPE(Tree)

class LayerRulesTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void reports_forbidden_includes_data();
    void reports_forbidden_includes();
    void reports_impure_words_data();
    void reports_impure_words();
    void allows_data();
    void allows();
    void reports_files_that_include_each_other_in_a_circle();
    void keeps_lines_and_includes_while_blanking();
};

void LayerRulesTest::reports_forbidden_includes_data()
{
    QTest::addColumn<Tree>("tree");
    QTest::addColumn<QStringList>("expected");

    const Text session{u"core/session/s.h"_s, {}};
    const Text net{u"core/net/n.h"_s, {}};
    QTest::newRow("a lower layer uses a higher one")
        << Tree{session, {u"core/mqtt/m.h"_s, u"#pragma once\n\n#include \"core/session/s.h\"\n"_s}}
        << QStringList{u"core/mqtt/m.h:3: mqtt may not use session (core/session/s.h)"_s};
    QTest::newRow("two layers side by side")
        << Tree{{u"core/link/l.h"_s, {}}, {u"core/trace/t.cpp"_s, u"#include \"core/link/l.h\"\n"_s}}
        << QStringList{u"core/trace/t.cpp:1: trace may not use link (core/link/l.h)"_s};
    QTest::newRow("the window opens a socket") << Tree{net, {u"ui/shell/w.cpp"_s, u"#include \"core/net/n.h\"\n"_s}}
                                               << QStringList{u"ui/shell/w.cpp:1: ui may not use net (core/net/n.h)"_s};
    QTest::newRow("beside the file, with dots")
        << Tree{session, {u"core/base/b.h"_s, u"#include \"../session/s.h\"\n"_s}}
        << QStringList{u"core/base/b.h:1: base may not use session (../session/s.h)"_s};
    QTest::newRow("in brackets") << Tree{session, {u"core/base/b.h"_s, u"#  include <core/session/s.h>\n"_s}}
                                 << QStringList{u"core/base/b.h:1: base may not use session (core/session/s.h)"_s};
    QTest::newRow("a program uses a test's helper")
        << Tree{{u"tests/support/h.h"_s, {}}, {u"app/cli/main.cpp"_s, u"#include \"tests/support/h.h\"\n"_s}}
        << QStringList{u"app/cli/main.cpp:1: app may not use tests (tests/support/h.h)"_s};
    QTest::newRow("a folder without a row")
        << Tree{{u"core/magic/m.h"_s, {}}}
        << QStringList{u"core/magic/m.h:1: the folder magic has no row in the layer table"_s};
    QTest::newRow("a file that does not exist")
        << Tree{{u"core/mqtt/m.h"_s, u"#include \"core/mqtt/gone.h\"\n"_s}}
        << QStringList{u"core/mqtt/m.h:1: includes \"core/mqtt/gone.h\", which is not in the tree"_s};
    for (const auto &header : {u"QObject"_s, u"QTimer"_s, u"QtNetwork/QTcpSocket"_s, u"QtCore/QFile"_s, u"qlogging.h"_s,
                               u"mutex"_s, u"sys/socket.h"_s}) {
        QTest::newRow(qPrintable(u"pure folder includes "_s + header))
            << Tree{{u"core/lab/l.cpp"_s, u"#include <QString>\n#include <%1>\n"_s.arg(header)}}
            << QStringList{u"core/lab/l.cpp:2: <%1> is not a value header, and this folder is pure"_s.arg(header)};
    }
}

void LayerRulesTest::reports_forbidden_includes()
{
    QFETCH(Tree, tree);
    QFETCH(QStringList, expected);
    QCOMPARE(findingsIn(tree), expected);
}

void LayerRulesTest::reports_impure_words_data()
{
    QTest::addColumn<QString>("code");
    QTest::addColumn<QString>("expected");

    const auto row = [](const QString &code, const QString &expected) {
        QTest::newRow(qPrintable(code)) << code << expected;
    };
    row(u"auto t = std::chrono::steady_clock::now();"_s, u"reads a clock: steady_clock::now"_s);
    row(u"auto t = Clock::system_clock :: now();"_s, u"reads a clock: system_clock :: now"_s);
    row(u"auto t = QDateTime::currentDateTimeUtc();"_s, u"reads a clock: QDateTime::currentDateTimeUtc"_s);
    row(u"auto t = QDateTime::currentMSecsSinceEpoch();"_s, u"reads a clock: QDateTime::currentMSecsSinceEpoch"_s);
    row(u"QElapsedTimer timer;"_s, u"reads a clock: QElapsedTimer"_s);
    row(u"auto t = time(nullptr);"_s, u"reads a clock: time(nullptr"_s);
    row(u"auto t = std::time(nullptr);"_s, u"reads a clock: time(nullptr"_s);
    row(u"QTimer timer;"_s, u"waits on the event loop or the wall clock: QTimer"_s);
    row(u"std::this_thread::sleep_for(ms);"_s, u"waits on the event loop or the wall clock: sleep_for"_s);
    row(u"class X : Base { Q_OBJECT };"_s, u"uses the meta-object system: Q_OBJECT"_s);
    row(u"class X : public QObject {};"_s, u"uses the meta-object system: QObject"_s);
    row(u"return tr (text);"_s, u"translates text: tr ("_s);
    row(u"qWarning() << x;"_s, u"logs or prints: qWarning"_s);
    row(u"qCDebug(category) << x;"_s, u"logs or prints: qCDebug"_s);
    row(u"std::cerr << x;"_s, u"logs or prints: std::cerr"_s);
    row(u"QSettings settings;"_s, u"reads settings or the environment: QSettings"_s);
    row(u"qgetenv(name);"_s, u"reads settings or the environment: qgetenv("_s);
    row(u"int x = rand();"_s, u"uses randomness that is not a passed-in seed: rand("_s);
    row(u"auto x = QRandomGenerator::global();"_s, u"uses randomness that is not a passed-in seed: QRandomGenerator"_s);
    row(u"std::random_device device;"_s, u"uses randomness that is not a passed-in seed: random_device"_s);
    row(u"std::mutex mutex;"_s, u"uses threads, locks or atomics: std::mutex"_s);
    row(u"std::atomic<int> x;"_s, u"uses threads, locks or atomics: std::atomic"_s);
    row(u"QAtomicInt x;"_s, u"uses threads, locks or atomics: QAtomicInt"_s);
    row(u"QThread thread;"_s, u"uses threads, locks or atomics: QThread"_s);
}

void LayerRulesTest::reports_impure_words()
{
    QFETCH(QString, code);
    QFETCH(QString, expected);
    const auto text = QString(u"// A comment.\n\n"_s + code + u'\n');
    QCOMPARE(findingsIn({{u"core/broker/b.cpp"_s, text}}), QStringList{u"core/broker/b.cpp:3: "_s + expected});
    QCOMPARE(findingsIn({{u"core/engine/e.cpp"_s, text}}), QStringList{});
}

void LayerRulesTest::allows_data()
{
    QTest::addColumn<Tree>("tree");

    const Text base{u"core/base/b.h"_s, {}};
    const auto pure = [](const QString &text) { return Tree{{u"core/session/s.cpp"_s, text}}; };
    QTest::newRow("uses through another layer") << Tree{base, {u"core/lab/l.h"_s, u"#include \"core/base/b.h\"\n"_s}};
    QTest::newRow("a neighbour by its short name") << Tree{base, {u"core/base/c.cpp"_s, u"#include \"b.h\"\n"_s}};
    QTest::newRow("a test uses anything") << Tree{
        base, {u"core/net/n.h"_s, {}}, {u"tests/base/t.cpp"_s, u"#include \"core/net/n.h\"\n#include <QTimer>\n"_s}};
    QTest::newRow("generated files") << Tree{{u"ui/shell/w.cpp"_s, u"#include \"w.moc\"\n#include \"ui_w.h\"\n"_s}};
    QTest::newRow("value headers") << pure(u"#include <QByteArray>\n#include <QtCore/QList>\n#include <queue>\n"_s);
    QTest::newRow("a line comment") << pure(u"// never QTimer, \\\nnot even rand()\nint x;\n"_s);
    QTest::newRow("a block comment") << pure(u"/* qWarning()\n * \"QTimer\n */ int x;\n"_s);
    QTest::newRow("a string") << pure(u"auto s = \"a \\\" qWarning() // \"; int x;\n"_s);
    QTest::newRow("an include in a comment") << pure(u"// #include \"core/net/n.h\"\n/*\n#include <QTimer>\n*/\n"_s);
    QTest::newRow("an include in a raw string") << pure(u"auto s = uR\"x(\n#include <QTimer>\n)\" QTimer )x\";\n"_s);
    QTest::newRow("longer words") << pure(u"int mytime(int); int x = operand(1); QTimerLike y; auto z = str(1);\n"_s);
    QTest::newRow("members of the same name") << pure(u"x.tr(1); p->rand(); trace.time(0);\n"_s);
    QTest::newRow("types of a clock") << pure(u"using Instant = std::chrono::steady_clock::time_point;\n"_s);
    QTest::newRow("a seeded generator") << pure(u"std::mt19937_64 generator(seed);\n"_s);
}

void LayerRulesTest::allows()
{
    QFETCH(Tree, tree);
    QCOMPARE(findingsIn(tree), QStringList{});
}

void LayerRulesTest::reports_files_that_include_each_other_in_a_circle()
{
    const Tree tree{
        {u"core/mqtt/a.h"_s, u"#include \"core/mqtt/b.h\"\n"_s},
        {u"core/mqtt/b.h"_s, u"\n#include \"core/mqtt/c.h\"\n"_s},
        {u"core/mqtt/c.h"_s, u"#include <optional>\n\n#include \"core/mqtt/a.h\"\n"_s},
    };
    QCOMPARE(findingsIn(tree),
             QStringList{u"core/mqtt/c.h:3: includes go in a circle: core/mqtt/a.h -> core/mqtt/b.h -> "
                         "core/mqtt/c.h -> core/mqtt/a.h"_s});
}

void LayerRulesTest::keeps_lines_and_includes_while_blanking()
{
    const auto file =
        readSource(u"core/base/b.h"_s, u"#include \"core/base/a.h\" // \"why\"\n"
                                       "auto big = 1'000'000; auto c = '\"'; auto d = u8'\\''; /* */ int e;\n"
                                       "#include <span>\n"_s);
    QCOMPARE(file.includes.size(), 2);
    QCOMPARE(file.includes[0], (Include{u"core/base/a.h"_s, Include::Form::Quotes, 1}));
    QCOMPARE(file.includes[1], (Include{u"span"_s, Include::Form::Brackets, 3}));
    const auto second = file.code.section(u'\n', 1, 1);
    QVERIFY(second.startsWith("auto big = 1'000'000; auto c = "_L1));
    QVERIFY(second.endsWith(" int e;"_L1));
    QVERIFY(!second.contains(u'"'));
}

QTEST_APPLESS_MAIN(LayerRulesTest)
#include "tst_layer_rules.moc"
