using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Clouds.Graph.Settings;
using Clouds.Graph.Weights;

namespace Clouds.Models.Encoders;

/// <summary>
/// Which encoder, and its sizes: one record for each kind. The attributes are the list of kinds, for settings ("encoder.kind") and for the files of
/// models and checkpoints alike.
/// </summary>
[NamedRecords(nameof(Published))]
[JsonPolymorphic(TypeDiscriminatorPropertyName = KindKey)]
[JsonDerivedType(typeof(ConvNeXtConfig), ConvNeXtConfig.Kind)]
[JsonDerivedType(typeof(ClipResNetConfig), ClipResNetConfig.Kind)]
[JsonDerivedType(typeof(ResNetConfig), ResNetConfig.Kind)]
[JsonDerivedType(typeof(MixTransformerConfig), MixTransformerConfig.Kind)]
public abstract record EncoderConfig
{
    /// <summary>The key that says which kind a record is.</summary>
    public const string KindKey = "kind";

    /// <summary>The paper's encoders under the keys of method.md section 1.2; settings take them where they ask for the kind.</summary>
    public static IReadOnlyDictionary<string, EncoderConfig> Published { get; } = new OrderedDictionary<string, EncoderConfig>
    {
        ["convnext_l"] = ConvNeXtConfig.Large,
        ["clip_rn50"] = ClipResNetConfig.Rn50,
        ["clip_rn101"] = ClipResNetConfig.Rn101,
        ["in_rn50"] = ResNetConfig.Rn50,
        ["in_rn101"] = ResNetConfig.Rn101,
        ["mit_b5"] = MixTransformerConfig.B5,
    };

    /// <summary>The encoder.</summary>
    /// <param name="trainable">Whether gradients are wanted.</param>
    public abstract IEncoder Create(bool trainable = false);

    /// <summary>What does not fit together in this record.</summary>
    /// <returns>The setting's key below "encoder", what was found and what is expected; null where everything fits.</returns>
    public abstract (string Key, string Found, string Expected)? Misfit();

    /// <summary>The encoder of a checkpoint with its sizes, as the extents of its tensors tell them; null where it is none of these.</summary>
    /// <param name="shapes">Extents under our names.</param>
    public static EncoderConfig? Find(TensorShapes shapes) =>
        ConvNeXtConfig.FindIn(shapes) ?? ClipResNetConfig.FindIn(shapes) ?? ResNetConfig.FindIn(shapes)
        ?? (EncoderConfig?)MixTransformerConfig.FindIn(shapes);

    /// <summary>
    /// Names the kind in a file's record that has none: files from before there were kinds hold a ConvNeXt.
    /// </summary>
    /// <param name="encoder">The record, changed in place; null or no object: left alone.</param>
    public static void NameKind(JsonNode? encoder)
    {
        if (encoder is JsonObject record && !record.ContainsKey(KindKey))
        {
            record.Insert(0, KindKey, ConvNeXtConfig.Kind);
        }
    }
}
