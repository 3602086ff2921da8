// Reads the whole source tree and holds it against the layer table.
#include "tests/layers/layer_rules.h"

#include <QDirIterator>
#include <QRegularExpression>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace sessionscope::layers;

namespace {

const QDir &sourceDir()
{
    static const QDir dir(QStringLiteral(SESSIONSCOPE_SOURCE_DIR));
    return dir;
}

QString readText(const QString &path)
{
    QFile file(sourceDir().filePath(path));
    return file.open(QIODevice::ReadOnly) ? QString::fromUtf8(file.readAll()) : QString();
}

QList<SourceFile> readTree()
{
    QStringList paths;
    for (const auto &top : {u"core"_s, u"ui"_s, u"app"_s, u"tests"_s}) {
        QDirIterator files(sourceDir().filePath(top), {u"*.h"_s, u"*.cpp"_s}, QDir::Files,
                           QDirIterator::Subdirectories);
        while (files.hasNext())
            paths.append(sourceDir().relativeFilePath(files.next()));
    }
    paths.sort();
    QList<SourceFile> tree;
    for (const auto &path : paths)
        tree.append(readSource(path, readText(path)));
    return tree;
}

} // namespace

class LayersTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void finds_the_tree()
    {
        const auto tree = readTree();
        const auto isCodec = [](const SourceFile &file) { return file.path == "core/mqtt/codec.h"_L1; };
        const auto codec = std::find_if(tree.begin(), tree.end(), isCodec);
        QVERIFY(codec != tree.end());
        QVERIFY(
            codec->includes.contains(Include{u"core/mqtt/packet.h"_s, Include::Form::Quotes, codec->includes[1].line}));
    }

    void keeps_every_file_within_its_layer()
    {
        QStringList found;
        for (const auto &finding : check(readTree()))
            found.append(finding.text());
        QVERIFY2(found.isEmpty(), qPrintable(u'\n' + found.join(u'\n')));
    }

    void builds_pure_folders_without_moc_data()
    {
        QTest::addColumn<QString>("folder");
        for (const auto &layer : allLayers()) {
            const QString folder = u"core/"_s + layer;
            if (isPure(layer) && QFile::exists(sourceDir().filePath(folder + "/CMakeLists.txt"_L1)))
                QTest::newRow(qPrintable(layer)) << folder;
        }
    }

    void builds_pure_folders_without_moc()
    {
        QFETCH(QString, folder);
        static const QRegularExpression pure(u"sessionscope_library\\s*\\(\\s*\\w+\\s+PURE\\b"_s);
        QVERIFY(pure.match(readText(folder + "/CMakeLists.txt"_L1)).hasMatch());
    }
};

QTEST_APPLESS_MAIN(LayersTest)
#include "tst_layers.moc"
