#include "core/profile/update_profile.h"

#include "core/profile/write_profile.h"
#include "core/scenario/write_document.h"

#include <QRegularExpression>

#include <algorithm>

namespace sessionscope {

namespace {

/// The lines of one key, and those that stand before it: comments and empty lines.
struct Block
{
    QString key;
    QList<QByteArray> before;
    QList<QByteArray> lines;
};

struct Layout
{
    std::vector<Block> blocks;
    QList<QByteArray> rest; ///< behind the last key
};

bool isBetween(const QByteArray &line)
{
    return line.trimmed().isEmpty() || line.startsWith('#');
}

/// Nothing when a key does not begin a line of its own.
std::optional<Layout> layoutOf(const QByteArray &text, const Node &root)
{
    const QList<QByteArray> lines = text.split('\n');
    Layout layout;
    qsizetype next = 0;
    QList<QByteArray> gap;
    for (std::size_t i = 0; i < root.entries.size(); ++i) {
        const Place &place = root.entries[i].place;
        const qsizetype first = place.line - 1;
        if (place.column != 1 || first < next || (i > 0 && first == next - 1))
            return std::nullopt;
        gap += lines.mid(next, first - next);
        qsizetype end = i + 1 < root.entries.size() ? root.entries[i + 1].place.line - 1 : lines.size();
        const qsizetype until = end;
        while (end > first + 1 && isBetween(lines.at(end - 1)))
            --end;
        layout.blocks.push_back({root.entries[i].key, gap, lines.mid(first, end - first)});
        gap = lines.mid(end, until - end);
        next = until;
    }
    layout.rest = gap;
    return layout;
}

QList<QByteArray> linesOf(const QString &key, const Node &value)
{
    return writeDocument(mapNode(key, value)).trimmed().split('\n');
}

/// The comment behind the value of a single line, with the space before it.
QByteArray commentOf(const QList<QByteArray> &lines)
{
    static const QRegularExpression form(QStringLiteral("^[^\"'#]*[^\"'#\\s](\\s+#.*)$"));
    if (lines.size() != 1)
        return {};
    return form.match(QString::fromUtf8(lines.first())).captured(1).toUtf8();
}

void change(Layout &layout, const Node &before, const Node &after)
{
    const QStringList order = profileKeys();
    std::erase_if(layout.blocks, [&](Block &block) {
        const Node *old = before.find(block.key);
        const Node *now = after.find(block.key);
        if (!now)
            return old != nullptr;
        QList<QByteArray> lines = linesOf(block.key, *now);
        if (old && linesOf(block.key, *old) == lines)
            return false;
        if (lines.size() == 1)
            lines.first() += commentOf(block.lines);
        block.lines = lines;
        return false;
    });
    for (const Node::Entry &entry : after.entries) {
        if (std::ranges::find(layout.blocks, entry.key, &Block::key) != layout.blocks.end())
            continue;
        // Behind the nearest key that the grammar names before it.
        auto position = layout.blocks.begin();
        for (auto block = layout.blocks.begin(); block != layout.blocks.end(); ++block) {
            if (order.indexOf(block->key) < order.indexOf(entry.key))
                position = block + 1;
        }
        layout.blocks.insert(position, {entry.key, {}, linesOf(entry.key, entry.value)});
    }
}

QByteArray textOf(const Layout &layout)
{
    QList<QByteArray> lines;
    for (const Block &block : layout.blocks)
        lines << block.before << block.lines;
    lines << layout.rest;
    QByteArray text = lines.join('\n');
    if (!text.endsWith('\n'))
        text += '\n';
    return text;
}

} // namespace

QByteArray updateProfile(const QByteArray &text, const Profile &profile)
{
    const QByteArray anew = writeProfile(profile);
    const auto document = readDocument(text, {});
    const auto old = readProfile(text, {});
    if (!document || !old)
        return anew;
    auto layout = layoutOf(text, *document);
    if (!layout)
        return anew;
    change(*layout, profileNode(*old), profileNode(profile));
    QByteArray changed = textOf(*layout);
    const auto again = readProfile(changed, {});
    return again && writeProfile(*again) == anew ? changed : anew;
}

} // namespace sessionscope
