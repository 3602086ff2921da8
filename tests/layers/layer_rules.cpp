// Three passes over the files: the includes against the table, the words of pure folders, the circles.
#include "tests/layers/layer_rules.h"

#include <QDir>
#include <QHash>
#include <QRegularExpression>
#include <QSet>

using namespace Qt::StringLiterals;

namespace sessionscope::layers {

namespace {

enum class Purity
{
    Pure,
    Impure
};

struct Layer
{
    QString name;
    Purity purity;
    QStringList uses; ///< and, through these, what they use
};

const QList<Layer> &table()
{
    using enum Purity;
    static const QList<Layer> rows{
        {u"base"_s, Pure, {}},
        {u"mqtt"_s, Pure, {u"base"_s}},
        {u"rules"_s, Pure, {u"mqtt"_s}},
        {u"session"_s, Pure, {u"rules"_s}},
        {u"broker"_s, Pure, {u"session"_s}},
        {u"link"_s, Pure, {u"mqtt"_s}},
        {u"trace"_s, Pure, {u"broker"_s, u"session"_s}},
        {u"notation"_s, Pure, {u"trace"_s, u"link"_s}},
        {u"lab"_s, Pure, {u"trace"_s, u"link"_s, u"broker"_s}},
        {u"scenario"_s, Pure, {u"lab"_s, u"notation"_s}},
        {u"profile"_s, Impure, {u"scenario"_s}},
        {u"net"_s, Impure, {u"link"_s}},
        {u"auth"_s, Impure, {u"broker"_s}},
        {u"store"_s, Impure, {u"trace"_s}},
        {u"engine"_s, Impure, {u"scenario"_s}},
        {u"ui"_s, Impure, {u"engine"_s, u"profile"_s, u"lab"_s, u"trace"_s}},
        {u"app"_s, Impure, {u"ui"_s, u"engine"_s, u"net"_s, u"auth"_s, u"store"_s, u"scenario"_s}},
    };
    return rows;
}

const Layer *rowOf(const QString &name)
{
    for (const auto &row : table()) {
        if (row.name == name)
            return &row;
    }
    return nullptr;
}

bool mayUse(const QString &user, const QString &used)
{
    if (user == used)
        return true;
    const auto *row = rowOf(user);
    return row &&
           std::any_of(row->uses.begin(), row->uses.end(), [&](const QString &direct) { return mayUse(direct, used); });
}

struct Word
{
    QRegularExpression pattern;
    QString what;
};

const QList<Word> &impureWords()
{
    static const auto word = [](QStringView pattern, QStringView what) {
        return Word{QRegularExpression(pattern.toString()), what.toString()};
    };
    static const QList<Word> words{
        word(
            uR"(\w*_clock\s*::\s*now\b|\bQ(?:DateTime|Date|Time)\s*::\s*current\w*|\bQElapsedTimer\b|\bQDeadlineTimer\b)"
            uR"(|(?<![\w.>])(?:clock_gettime|gettimeofday)\b|(?<![\w.>])time\s*\(\s*(?:nullptr|NULL|0|&))",
            u"reads a clock"),
        word(uR"(\bQTimer\b|\bQBasicTimer\b|\bQEventLoop\b|\bQCoreApplication\b|\bsleep_(?:for|until)\b)",
             u"waits on the event loop or the wall clock"),
        word(uR"(\bQ_OBJECT\b|\bQ_GADGET\b|\bQ_NAMESPACE\b|\bQObject\b)", u"uses the meta-object system"),
        word(uR"((?<![\w.>])tr\s*\(|\bQT_TR\w*_NOOP\b|\bQT_TRANSLATE_NOOP\b)", u"translates text"),
        word(uR"(\bq(?:C?(?:Debug|Info|Warning|Critical)|Fatal)\b|\bQ_(?:DECLARE_)?LOGGING_CATEGORY\b)"
             uR"(|\bQLoggingCategory\b|\bstd\s*::\s*(?:cout|cerr|clog)\b|\bf?printf\s*\()",
             u"logs or prints"),
        word(uR"(\bQSettings\b|\bQStandardPaths\b|\bq?getenv\s*\(|\bqEnvironmentVariable\w*\b)",
             u"reads settings or the environment"),
        word(uR"((?<![\w.>])s?rand\s*\(|\bQRandomGenerator(?:64)?\b|\brandom_device\b|\bcreateUuid\b)",
             u"uses randomness that is not a passed-in seed"),
        word(uR"(\bstd\s*::\s*(?:jthread|thread|(?:\w+_)?mutex|atomic\w*|condition_variable\w*|async|once_flag)\b)"
             uR"(|\bthread_local\b|\bQ(?:Thread\w*|Mutex\w*|Atomic\w+|Semaphore|WaitCondition|ReadWriteLock)\b)",
             u"uses threads, locks or atomics"),
    };
    return words;
}

/// The headers of Qt that declare plain values; everything else of Qt is refused in pure folders.
const QSet<QString> &valueHeaders()
{
    static const QSet<QString> names{
        u"QBitArray"_s,
        u"QByteArray"_s,
        u"QByteArrayList"_s,
        u"QByteArrayView"_s,
        u"QChar"_s,
        u"QCryptographicHash"_s,
        u"QFlags"_s,
        u"QHash"_s,
        u"QHashFunctions"_s,
        u"QJsonArray"_s,
        u"QJsonDocument"_s,
        u"QJsonObject"_s,
        u"QJsonValue"_s,
        u"QLatin1String"_s,
        u"QLatin1StringView"_s,
        u"QList"_s,
        u"QMap"_s,
        u"QMultiHash"_s,
        u"QMultiMap"_s,
        u"QPair"_s,
        u"QQueue"_s,
        u"QRegularExpression"_s,
        u"QSet"_s,
        u"QSharedData"_s,
        u"QSharedDataPointer"_s,
        u"QStack"_s,
        u"QString"_s,
        u"QStringBuilder"_s,
        u"QStringConverter"_s,
        u"QStringDecoder"_s,
        u"QStringEncoder"_s,
        u"QStringList"_s,
        u"QStringTokenizer"_s,
        u"QStringView"_s,
        u"QUtf8StringView"_s,
        u"QVarLengthArray"_s,
        u"QtAlgorithms"_s,
        u"QtEndian"_s,
        u"QtGlobal"_s,
        u"QtMath"_s,
        u"QtNumeric"_s,
    };
    return names;
}

bool isRefusedHeader(const QString &name)
{
    static const QSet<QString> systemNames{
        u"atomic"_s, u"condition_variable"_s, u"ctime"_s,    u"filesystem"_s,   u"fstream"_s,
        u"future"_s, u"iostream"_s,           u"mutex"_s,    u"shared_mutex"_s, u"thread"_s,
        u"time.h"_s, u"pthread.h"_s,          u"unistd.h"_s,
    };
    static const QRegularExpression qt(u"^(?:Qt[A-Z]\\w*/)?[Qq]\\w+(?:\\.h)?$"_s);
    if (systemNames.contains(name) || name.startsWith("sys/"_L1))
        return true;
    if (name.startsWith("QtCore/"_L1))
        return !valueHeaders().contains(name.sliced(7));
    return qt.match(name).hasMatch() && name != "queue"_L1 && !valueHeaders().contains(name);
}

/// What moc and uic write during the build is not in the tree.
bool isGenerated(const QString &name)
{
    const auto file = name.sliced(name.lastIndexOf(u'/') + 1);
    return file.endsWith(".moc"_L1) || file.startsWith("moc_"_L1) ||
           (file.startsWith("ui_"_L1) && file.endsWith(".h"_L1));
}

class Checker
{
public:
    explicit Checker(const QList<SourceFile> &files) : m_files(files)
    {
        for (qsizetype i = 0; i < files.size(); ++i)
            m_index.insert(files[i].path, i);
    }

    QList<Finding> run()
    {
        for (const auto &file : m_files) {
            checkFolder(file);
            checkIncludes(file);
            if (isPure(layerOf(file.path)))
                checkWords(file);
            else if (layerOf(file.path) == "ui"_L1)
                checkCallsOfStep(file);
        }
        m_marks.fill(Mark::New, m_files.size());
        for (qsizetype i = 0; i < m_files.size(); ++i)
            followIncludes(i);
        return m_findings;
    }

private:
    enum class Mark
    {
        New,
        Open,
        Done
    };

    void report(const SourceFile &file, int line, const QString &what) { m_findings.append({file.path, line, what}); }

    void checkFolder(const SourceFile &file)
    {
        const auto layer = layerOf(file.path);
        if (!layer.isEmpty() && !rowOf(layer))
            report(file, 1, u"the folder %1 has no row in the layer table"_s.arg(layer));
    }

    void checkIncludes(const SourceFile &file)
    {
        const auto layer = layerOf(file.path);
        for (const auto &include : file.includes) {
            const auto target = resolve(file, include);
            if (target < 0) {
                checkOutside(file, include);
                continue;
            }
            const auto used = layerOf(m_files[target].path);
            if (!layer.isEmpty() && used.isEmpty())
                report(file, include.line, u"%1 may not use tests (%2)"_s.arg(layer, include.name));
            else if (!layer.isEmpty() && rowOf(layer) && !mayUse(layer, used))
                report(file, include.line, u"%1 may not use %2 (%3)"_s.arg(layer, used, include.name));
        }
    }

    void checkOutside(const SourceFile &file, const Include &include)
    {
        if (include.form == Include::Form::Quotes && !isGenerated(include.name))
            report(file, include.line, u"includes \"%1\", which is not in the tree"_s.arg(include.name));
        else if (isPure(layerOf(file.path)) && isRefusedHeader(include.name))
            report(file, include.line, u"<%1> is not a value header, and this folder is pure"_s.arg(include.name));
    }

    void checkWords(const SourceFile &file)
    {
        for (const auto &word : impureWords()) {
            for (auto match = word.pattern.globalMatch(file.code); match.hasNext();) {
                const auto found = match.next();
                const auto line = file.lineAt(found.capturedStart());
                const auto isInclude = [&](const Include &include) { return include.line == line; };
                // An include is judged by its header's name, once.
                if (std::none_of(file.includes.begin(), file.includes.end(), isInclude))
                    report(file, line, u"%1: %2"_s.arg(word.what, found.captured().simplified()));
            }
        }
    }

    void checkCallsOfStep(const SourceFile &file)
    {
        static const QRegularExpression call(uR"((?<![\w.>])step\s*\()"_s);
        for (auto match = call.globalMatch(file.code); match.hasNext();)
            report(file, file.lineAt(match.next().capturedStart()),
                   u"the window sends commands and never calls step()"_s);
    }

    /// The file an include names: from the top of the tree, or beside the including file. -1 when it is not ours.
    qsizetype resolve(const SourceFile &file, const Include &include) const
    {
        const auto fromTop = m_index.value(QDir::cleanPath(include.name), -1);
        if (fromTop >= 0 || include.form == Include::Form::Brackets)
            return fromTop;
        const auto folder = file.path.first(file.path.lastIndexOf(u'/') + 1);
        return m_index.value(QDir::cleanPath(QString(folder + include.name)), -1);
    }

    void followIncludes(qsizetype at)
    {
        if (m_marks[at] == Mark::Done)
            return;
        m_marks[at] = Mark::Open;
        m_open.append(m_files[at].path);
        for (const auto &include : m_files[at].includes) {
            const auto target = resolve(m_files[at], include);
            if (target < 0)
                continue;
            if (m_marks[target] == Mark::Open)
                reportCircle(m_files[at], include, m_files[target].path);
            else
                followIncludes(target);
        }
        m_open.removeLast();
        m_marks[at] = Mark::Done;
    }

    void reportCircle(const SourceFile &file, const Include &include, const QString &first)
    {
        const auto circle = m_open.sliced(m_open.indexOf(first)) + QStringList{first};
        report(file, include.line, u"includes go in a circle: "_s + circle.join(" -> "_L1));
    }

    const QList<SourceFile> &m_files;
    QHash<QString, qsizetype> m_index;
    QList<Finding> m_findings;
    QList<Mark> m_marks;
    QStringList m_open;
};

} // namespace

QString Finding::text() const
{
    return u"%1:%2: %3"_s.arg(path).arg(line).arg(what);
}

QString layerOf(const QString &path)
{
    const auto parts = path.split(u'/');
    if (parts[0] == "core"_L1 && parts.size() > 2)
        return parts[1];
    return parts[0] == "ui"_L1 || parts[0] == "app"_L1 ? parts[0] : QString();
}

QStringList allLayers()
{
    QStringList names;
    for (const auto &row : table())
        names.append(row.name);
    return names;
}

bool isPure(const QString &layer)
{
    const auto *row = rowOf(layer);
    return row && row->purity == Purity::Pure;
}

QList<Finding> check(const QList<SourceFile> &files)
{
    return Checker(files).run();
}

} // namespace sessionscope::layers
