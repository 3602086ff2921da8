// A scanner of the few tokens that can hide code or look like it: comments, strings, raw strings, character constants,
// and the two that contain a quote without being one (numbers with separators, prefixed literals).
#include "tests/layers/source_file.h"

#include <QRegularExpression>

using namespace Qt::StringLiterals;

namespace sessionscope::layers {

namespace {

class Scanner
{
public:
    explicit Scanner(const QString &text) : m_text(text), m_code(text) {}

    QString blanked()
    {
        while (m_at < m_text.size())
            step();
        return m_code;
    }

private:
    void step()
    {
        if (startsWith(u"//"))
            blankTo(endOfLine());
        else if (startsWith(u"/*"))
            blankTo(after(u"*/", m_at + 2));
        else if (m_text[m_at] == u'"' && isIncludeName())
            m_at = after(u"\"", m_at + 1);
        else if (m_text[m_at] == u'"' || m_text[m_at] == u'\'')
            blankTo(endOfQuoted());
        else if (m_text[m_at].isDigit())
            skipWhile([](QChar c) { return c.isLetterOrNumber() || c == u'.' || c == u'\'' || c == u'_'; });
        else if (isWordStart(m_text[m_at]))
            skipWord();
        else
            ++m_at;
    }

    void skipWord()
    {
        const auto start = m_at;
        skipWhile([](QChar c) { return isWordStart(c) || c.isDigit(); });
        static const QStringList rawPrefixes{u"R"_s, u"u8R"_s, u"uR"_s, u"UR"_s, u"LR"_s};
        if (startsWith(u"\"") && rawPrefixes.contains(m_text.sliced(start, m_at - start)))
            blankTo(endOfRawString());
    }

    static bool isWordStart(QChar c) { return c.isLetter() || c == u'_'; }

    bool startsWith(QStringView token) const { return QStringView(m_text).sliced(m_at).startsWith(token); }

    template<typename Predicate> void skipWhile(Predicate predicate)
    {
        while (m_at < m_text.size() && predicate(m_text[m_at]))
            ++m_at;
    }

    /// The offset after the next token, or the end of the text.
    qsizetype after(QStringView token, qsizetype from) const
    {
        const auto found = m_text.indexOf(token, from);
        return found < 0 ? m_text.size() : found + token.size();
    }

    /// A backslash before the line break joins the next line to a comment.
    qsizetype endOfLine() const
    {
        auto end = m_text.indexOf(u'\n', m_at);
        while (end > 0 && m_text[end - 1] == u'\\')
            end = m_text.indexOf(u'\n', end + 1);
        return end < 0 ? m_text.size() : end;
    }

    qsizetype endOfQuoted() const
    {
        auto at = m_at + 1;
        while (at < m_text.size() && m_text[at] != m_text[m_at] && m_text[at] != u'\n')
            at += m_text[at] == u'\\' ? 2 : 1;
        return qMin(at + 1, m_text.size());
    }

    qsizetype endOfRawString() const
    {
        const auto open = m_text.indexOf(u'(', m_at);
        if (open < 0)
            return m_text.size();
        return after(QString(u')' + m_text.sliced(m_at + 1, open - m_at - 1) + u'"'), open);
    }

    bool isIncludeName() const
    {
        static const QRegularExpression directive(u"^\\s*#\\s*include\\s*$"_s);
        const auto lineStart = m_at == 0 ? 0 : m_code.lastIndexOf(u'\n', m_at - 1) + 1;
        return directive.match(m_code.sliced(lineStart, m_at - lineStart)).hasMatch();
    }

    void blankTo(qsizetype end)
    {
        for (; m_at < end; ++m_at) {
            if (m_text[m_at] != u'\n')
                m_code[m_at] = u' ';
        }
    }

    const QString &m_text;
    QString m_code;
    qsizetype m_at = 0;
};

} // namespace

int SourceFile::lineAt(qsizetype offset) const
{
    return 1 + int(QStringView(code).first(offset).count(u'\n'));
}

SourceFile readSource(const QString &path, const QString &text)
{
    SourceFile file{.path = path, .code = Scanner(text).blanked()};
    static const QRegularExpression directive(uR"x(^[ \t]*#[ \t]*include[ \t]*(?:"([^"\n]+)"|<([^>\n]+)>))x"_s,
                                              QRegularExpression::MultilineOption);
    for (auto match = directive.globalMatch(file.code); match.hasNext();) {
        const auto found = match.next();
        const bool quoted = found.hasCaptured(1);
        file.includes.append({
            .name = found.captured(quoted ? 1 : 2),
            .form = quoted ? Include::Form::Quotes : Include::Form::Brackets,
            .line = file.lineAt(found.capturedStart(quoted ? 1 : 2)),
        });
    }
    return file;
}

} // namespace sessionscope::layers
