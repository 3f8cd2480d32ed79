using Clouds.Graph.Building;
using Clouds.Models.Layers;

namespace Clouds.Models.MaskClassifier;

/// <summary>
/// The text side of the classifier, once for all predictions: for every class as many rows as the class with most names has, those of classes with fewer
/// repeating their first, and the row of "no object" (method.md section 1.6).
/// </summary>
/// <param name="Rows">[K · S + 1, E], of length 1.</param>
/// <param name="Classes">K.</param>
/// <param name="Names">S.</param>
public sealed record TextRows(Value Rows, int Classes, int Names)
{
    /// <summary>Spreads a bank over its classes.</summary>
    /// <param name="g">Graph.</param>
    /// <param name="bank">[R + 1, E], of length 1: class by class a row for each of its names, and "no object" as the last row.</param>
    /// <param name="counts">How many names each class has; R in all.</param>
    public static TextRows Of(GraphBuilder g, Value bank, IReadOnlyList<int> counts)
    {
        int most = counts.Max();
        List<long> index = [];
        long first = 0;
        foreach (int count in counts)
        {
            index.AddRange(Enumerable.Range(0, most).Select(name => first + (name < count ? name : 0)));
            first += count;
        }

        index.Add(first);
        return new TextRows(g.Gather(bank.Expect([first + 1, bank.Shape[1]]), g.Integers([.. index])), counts.Count, most);
    }

    /// <summary>
    /// Logits [N, Q, K + 1] of embeddings [N, Q, E] of any length: cosines with the rows, a class's name that fits best standing for it, times the scale.
    /// </summary>
    /// <param name="g">Graph.</param>
    /// <param name="embedding">What is compared.</param>
    /// <param name="logScale">Logarithm of the scale, which is cut at 100.</param>
    public Value Logits(GraphBuilder g, Value embedding, Value logScale)
    {
        Value cosines = g.MatMul(UnitLength.Of(g, embedding), g.Transpose(Rows, 1, 0));                         // [N, Q, K·S+1]
        Value scaled = g.Mul(cosines, g.Clip(g.Exp(logScale), 0, 100));
        (Dim n, Dim q, long names) = (scaled.Shape[0], scaled.Shape[1], (long)Classes * Names);
        Value classes = g.Reshape(g.Slice(scaled, axis: 2, from: 0, to: names), [n, q, Classes, Names]);
        return g.Concat(2, g.ReduceMax(classes, 3, keep: false), g.Slice(scaled, axis: 2, from: names, to: names + 1));
    }
}

/// <summary>
/// FC-CLIP's classifier of queries: mask features pooled within the query's mask, and the query itself, become an embedding that is compared with those
/// of the classes' names (method.md section 1.6). Parameter names are those of the reference module.
/// </summary>
/// <param name="rows">What to compare with.</param>
public sealed class TextClassifier(TextRows rows)
{
    private const float Epsilon = 1e-5f;

    // N batch · Q queries · D width · C mask features · E embedding · K classes
    /// <summary>Class logits of queries.</summary>
    /// <param name="g">Graph.</param>
    /// <param name="queries">[N, Q, D], normalised.</param>
    /// <param name="maskFeatures">[N, C, h, w].</param>
    /// <param name="masks">[N, Q, h · w], logits; no gradient passes.</param>
    /// <returns>[N, Q, K + 1].</returns>
    public Value Build(GraphBuilder g, Value queries, Value maskFeatures, Value masks)
    {
        long width = queries.Shape[2].Size;
        Value pooled = MaskPooling.Mean(g, maskFeatures, MaskPooling.Inside(g, masks));                         // [N, Q, C]
        Value z = g.Linear(g.LayerNorm(pooled, "_mask_pooling_proj.0", Epsilon), "_mask_pooling_proj.1", width);
        Value hidden = g.Relu(g.Linear(g.Add(z, queries), "class_embed.layers.0", width));                      // [N, Q, D]
        hidden = g.Relu(g.Linear(hidden, "class_embed.layers.1", width));
        Value embedding = g.Linear(hidden, "class_embed.layers.2", rows.Rows.Shape[1].Size);                    // [N, Q, E]
        return rows.Logits(g, embedding, g.Parameter("logit_scale", [], Initialize.Constant((float)Math.Log(1 / 0.07))));
    }
}
