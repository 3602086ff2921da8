// A YAML file as a tree of values, each with the place it stands at, so that whatever is found wrong later can be
// pointed at. Nothing is believed: size, depth and number of nodes have limits, and a key that stands twice is an
// error.
#pragma once

#include "core/base/result.h"

#include <QByteArray>
#include <QString>
#include <QStringList>

#include <vector>

namespace sessionscope {

/// Where something stands in a file; line and column count from 1.
struct Place
{
    QString file;
    int line = 1;
    int column = 1;
    bool operator==(const Place &) const = default;
};

/// "door.yaml:12:5"
QString placeText(const Place &place);

/// What is wrong with a file, and what was expected instead.
struct Problem
{
    Place place;
    QString what;
    bool operator==(const Problem &) const = default;
};
using Problems = std::vector<Problem>;

/// "door.yaml:12:5: …"
QString problemText(const Problem &problem);

class Node
{
public:
    enum class Kind : quint8
    {
        Null,
        Scalar,
        List,
        Map
    };
    struct Entry;

    Kind kind = Kind::Null;
    bool isQuoted = false; ///< of a scalar
    Place place;
    QString text;               ///< of a scalar
    std::vector<Node> items;    ///< of a list
    std::vector<Entry> entries; ///< of a map, in their order

    bool isScalar() const { return kind == Kind::Scalar; }
    bool isList() const { return kind == Kind::List; }
    bool isMap() const { return kind == Kind::Map; }
    /// The value of key; nullptr when there is none, or this is no map.
    const Node *find(QStringView key) const;
};

struct Node::Entry
{
    QString key;
    Place place; ///< of the key
    Node value;
};

/// The largest file, and the deepest and largest tree with every alias written out.
inline constexpr qsizetype documentBytesLimit = 4 * 1024 * 1024;
inline constexpr int documentDepthLimit = 64;
inline constexpr int documentNodesLimit = 200'000;

/// One YAML document. file is for the places.
Result<Node, Problems> readDocument(const QByteArray &text, const QString &file);

/// "a mapping", "a list", "text", "nothing"
QString kindText(Node::Kind kind);

} // namespace sessionscope
