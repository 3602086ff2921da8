#include "tests/statements/citations.h"

#include "tests/layers/source_file.h"

#include <QRegularExpression>
#include <QSet>

#include <algorithm>

using namespace Qt::StringLiterals;

namespace sessionscope::statements {

namespace {

struct Extent
{
    qsizetype begin = 0;
    qsizetype end = 0;
};

QString numbered(const QString &section, int number)
{
    return section + u'-' + QString::number(number);
}

// The start of the comment lines that stand directly above an offset, or of the offset's own line.
qsizetype startWithComment(const QString &text, qsizetype at)
{
    qsizetype start = at == 0 ? 0 : text.lastIndexOf(u'\n', at - 1) + 1;
    while (start > 0) {
        const qsizetype above = start == 1 ? 0 : text.lastIndexOf(u'\n', start - 2) + 1;
        if (!QStringView(text).sliced(above, start - above).trimmed().startsWith(u"//"))
            break;
        start = above;
    }
    return start;
}

qsizetype endOfBlock(const QString &code, qsizetype open)
{
    int depth = 0;
    for (qsizetype at = open; at < code.size(); ++at) {
        depth += code[at] == u'{';
        depth -= code[at] == u'}';
        if (depth == 0)
            return at + 1;
    }
    return code.size();
}

QSet<QString> slotNames(const QString &code)
{
    static const QRegularExpression section(u"\\bQ_SLOTS\\s*:"_s);
    static const QRegularExpression end(u"^(?:\\s*(?:public|protected|private)\\b[^\\n]*:\\s*$|\\};)"_s,
                                        QRegularExpression::MultilineOption);
    static const QRegularExpression name(u"\\bvoid\\s+(\\w+)\\s*\\(\\s*\\)"_s);
    QSet<QString> names;
    for (auto sections = section.globalMatch(code); sections.hasNext();) {
        const auto start = sections.next().capturedEnd();
        const auto stop = end.match(code, start);
        const auto stopAt = stop.hasMatch() ? stop.capturedStart() : code.size();
        for (auto found = name.globalMatch(code.sliced(start, stopAt - start)); found.hasNext();)
            names.insert(found.next().captured(1));
    }
    return names;
}

QList<int> scenariosOf(const QString &name)
{
    static const QRegularExpression leading(u"^(?:S(\\d+)_)+"_s);
    QList<int> numbers;
    for (const auto &word : leading.match(name).captured().split(u'_', Qt::SkipEmptyParts))
        numbers.append(word.sliced(1).toInt());
    return numbers;
}

void addIds(TestFunction &function, const QString &text)
{
    function.ids += idsIn(text);
    function.ids.removeDuplicates();
    function.ids.sort();
}

} // namespace

QList<Citation> citationsIn(const QString &text)
{
    static const QRegularExpression id(u"((?:v3:)?MQTT-\\d+\\.\\d+\\.\\d+)-(\\d+)(?!\\d)"_s);
    static const QRegularExpression more(u"\\G(,[\\s/]+|\\s+and\\s+|\\s+to\\s+)-(\\d+)(?!\\d|\\.\\d)"_s);
    QList<Citation> found;
    for (auto matches = id.globalMatch(text); matches.hasNext();) {
        const auto match = matches.next();
        const int line = 1 + int(QStringView(text).first(match.capturedStart()).count(u'\n'));
        const QString section = match.captured(1);
        int last = match.captured(2).toInt();
        found.append({numbered(section, last), line});
        auto next = more.match(text, match.capturedEnd());
        for (; next.hasMatch(); next = more.match(text, next.capturedEnd())) {
            const int number = next.captured(2).toInt();
            for (int between = last + 1; next.captured(1).trimmed() == "to"_L1 && between < number; ++between)
                found.append({numbered(section, between), line});
            found.append({numbered(section, number), line});
            last = number;
        }
    }
    return found;
}

QStringList idsIn(const QString &text)
{
    QStringList ids;
    for (const auto &citation : citationsIn(text))
        ids.append(citation.id);
    ids.removeDuplicates();
    ids.sort();
    return ids;
}

QList<TestFunction> testFunctionsIn(const QString &path, const QString &text)
{
    static const QRegularExpression definition(u"\\bvoid\\s+(?:\\w+\\s*::\\s*)?(\\w+)\\s*\\(\\s*\\)\\s*\\{"_s);
    static const QSet<QString> hooks{u"initTestCase"_s, u"cleanupTestCase"_s, u"init"_s, u"cleanup"_s};
    const QString code = layers::readSource(path, text).code;
    const QSet<QString> names = slotNames(code);
    QList<TestFunction> functions;
    QHash<QString, QString> data;
    for (auto matches = definition.globalMatch(code); matches.hasNext();) {
        const auto match = matches.next();
        const QString name = match.captured(1);
        if (!names.contains(name) || hooks.contains(name))
            continue;
        const auto start = startWithComment(text, match.capturedStart());
        const auto whole = text.sliced(start, endOfBlock(code, match.capturedEnd() - 1) - start);
        if (name.endsWith("_data"_L1)) {
            data.insert(name.chopped(5), whole);
            continue;
        }
        functions.append({name, idsIn(whole), scenariosOf(name)});
    }
    for (auto &function : functions)
        addIds(function, data.value(function.name));
    return functions;
}

QList<VectorStanza> vectorsIn(const QString &text)
{
    QList<VectorStanza> stanzas;
    for (const auto &line : text.split(u'\n')) {
        if (line.startsWith("== "_L1))
            stanzas.append({line.sliced(3), {}});
        else if (!stanzas.isEmpty())
            stanzas.last().ids += idsIn(line);
    }
    return stanzas;
}

QList<Scenario> scenariosIn(const QString &text)
{
    static const QRegularExpression row(u"^\\| S-(\\d+) \\|(.*)\\|\\s*$"_s);
    static const QRegularExpression separator(u"(?<!\\\\)\\|"_s);
    QList<Scenario> scenarios;
    for (const auto &line : text.split(u'\n')) {
        const auto match = row.match(line);
        if (!match.hasMatch())
            continue;
        const int number = match.captured(1).toInt();
        const auto cells = match.captured(2).split(separator);
        const auto known = std::ranges::find(scenarios, number, &Scenario::number);
        // The second table, of two columns, says what waits and for what.
        if (cells.size() == 1 && known != scenarios.end())
            known->waits = cells.last().trimmed();
        else
            scenarios.append({number, idsIn(cells.last()), {}});
    }
    return scenarios;
}

} // namespace sessionscope::statements
