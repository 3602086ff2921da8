#include "ui/statements/statements.h"

#include <QFile>

namespace sessionscope {

namespace {

QString readResource(const QString &fileName)
{
    QFile file(QStringLiteral(":/statements/") + fileName);
    return file.open(QIODevice::ReadOnly) ? QString::fromUtf8(file.readAll()) : QString();
}

StatementTable readTable()
{
    auto table = readStatementTable(readResource(QStringLiteral("statements.csv")),
                                    readResource(QStringLiteral("coverage.csv")));
    Q_ASSERT(table);
    return table ? std::move(table).value() : StatementTable();
}

} // namespace

const StatementTable &statementTable()
{
    static const StatementTable table = readTable();
    return table;
}

QList<const Statement *> findStatements(const QString &text)
{
    const QString asked = text.trimmed();
    const auto named = isStatementId(asked) ? statementTable().named(asked) : QList<const Statement *>();
    return named.isEmpty() ? statementTable().containing(asked) : named;
}

} // namespace sessionscope
