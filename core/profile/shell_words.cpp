#include "core/profile/shell_words.h"

#include <optional>

namespace sessionscope {

Result<QStringList, QString> shellWords(const QString &line)
{
    QStringList words;
    std::optional<QString> word;
    QChar quote;
    const auto put = [&word](QChar c) { word = word.value_or(QString()) + c; };
    for (qsizetype i = 0; i < line.size(); ++i) {
        const QChar c = line.at(i);
        const QChar next = i + 1 < line.size() ? line.at(i + 1) : QChar();
        if (c == u'\\' && quote != u'\'') {
            // Within double quotes a backslash is itself unless it stands before one of these.
            const bool escapes = quote.isNull() || next == u'"' || next == u'\\' || next == u'$' || next == u'`';
            if (next == u'\n')
                ++i;
            else if (escapes && !next.isNull())
                put(line.at(++i));
            else
                put(c);
        } else if (!quote.isNull()) {
            if (c == quote)
                quote = QChar();
            else
                put(c);
        } else if (c == u'\'' || c == u'"') {
            quote = c;
            word = word.value_or(QString());
        } else if (c.isSpace()) {
            if (word)
                words << *word;
            word.reset();
        } else {
            put(c);
        }
    }
    if (!quote.isNull())
        return QStringLiteral("a quote (%1) is not closed").arg(quote);
    if (word)
        words << *word;
    return words;
}

} // namespace sessionscope
