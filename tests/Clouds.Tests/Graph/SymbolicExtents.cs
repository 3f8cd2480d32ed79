using System.Globalization;
using Clouds.Graph.Building;

namespace Clouds.Tests.Graph;

/// <summary>Works out symbolic extents such as "(floor((H+1)/2)+3)" from the extents of the inputs.</summary>
internal static class SymbolicExtents
{
    /// <summary>What the plain symbols in the inputs' shapes stand for.</summary>
    public static Dictionary<string, long> Bind(IEnumerable<Value> inputs, (string Name, TestTensor Value)[] feeds)
    {
        Dictionary<string, long> symbols = [];
        foreach (Value input in inputs)
        {
            TestTensor? fed = Array.Find(feeds, feed => feed.Name == input.Name).Value;
            for (int axis = 0; fed is not null && axis < input.Shape.Rank; axis++)
            {
                if (input.Shape[axis].Symbol is string symbol)
                {
                    symbols[symbol] = fed.Sizes[axis];
                }
            }
        }

        return symbols;
    }

    public static long Evaluate(Dim dim, Dictionary<string, long> symbols) => dim.IsStatic ? dim.Size : new Reader(dim.Symbol!, symbols).Expression();

    // expression = number | symbol | "(" expression sign expression ")" | "floor(" expression "/" expression ")"
    private sealed class Reader(string text, Dictionary<string, long> symbols)
    {
        private int _at;

        public long Expression()
        {
            if (text[_at] == '(')
            {
                return Pair();
            }

            int end = text.IndexOfAny(['+', '-', '*', '/', ')', '('], _at);
            string word = end < 0 ? text[_at..] : text[_at..end];
            _at += word.Length;
            return word == "floor" ? Pair() : long.TryParse(word, CultureInfo.InvariantCulture, out long number) ? number : symbols[word];
        }

        private long Pair()
        {
            _at++;
            long left = Expression();
            char sign = text[_at++];
            long right = Expression();
            Assert.Equal(')', text[_at++]);
            return sign switch
            {
                '+' => left + right,
                '-' => left - right,
                '*' => left * right,
                '/' => (long)Math.Floor((double)left / right),
                _ => throw new FormatException($"sign {sign} in {text}"),
            };
        }
    }
}
