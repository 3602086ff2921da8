// A C++ file of the tree as the layer test sees it: its path, its text with comments and literals blanked out, and its
// includes. It knows C++'s lexical rules and nothing of layers; columns and line breaks stay where they were.
#pragma once

#include <QList>
#include <QString>

namespace sessionscope::layers {

struct Include
{
    enum class Form
    {
        Quotes,
        Brackets
    };

    QString name; ///< as written, without the quotes or brackets
    Form form = Form::Quotes;
    int line = 0; ///< counted from 1

    bool operator==(const Include &) const = default;
};

struct SourceFile
{
    QString path; ///< from the top of the tree, with slashes
    QString code; ///< comments, strings and character constants are blanks; the names in #include lines are kept
    QList<Include> includes;

    /// The line of an offset in code, counted from 1.
    int lineAt(qsizetype offset) const;
};

/// Reads one file's text. Any text is readable: what is not C++ gives fewer includes.
SourceFile readSource(const QString &path, const QString &text);

} // namespace sessionscope::layers
