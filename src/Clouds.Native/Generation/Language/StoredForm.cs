using System.Globalization;
using Clouds.Diagnostics;
using Clouds.Graph.Weights;
using Clouds.Models.Llama;

namespace Clouds.Native.Generation.Language;

/// <summary>In what a model's matrices lie, as the file says that <see cref="LanguageModelImport"/> wrote.</summary>
internal static class StoredForm
{
    /// <summary>Key in the file's metadata.</summary>
    public const string MetadataKey = "clouds.language.matrices";

    private const string Asymmetric = " asymmetric";

    /// <summary>The form; null where matrices are numbers.</summary>
    /// <exception cref="CloudsException">Weights: a form that is not known here.</exception>
    public static BlockForm? Read(WeightSource weights) => weights.Metadata.TryGetValue(MetadataKey, out string? word)
        ? Parse(word) ?? throw new CloudsException(Failure.Weights, "the language model's matrices are stored in an unknown way", weights.Path, word,
            "int4 or int8", "import the model again with this version")
        : null;

    /// <summary>"int4", "int8" or either with " asymmetric"; null: none of these.</summary>
    public static BlockForm? Parse(string word) => word.Replace(Asymmetric, "", StringComparison.Ordinal) switch
    {
        "int4" => new BlockForm(4, word.EndsWith(Asymmetric, StringComparison.Ordinal)),
        "int8" => new BlockForm(8, word.EndsWith(Asymmetric, StringComparison.Ordinal)),
        _ => null,
    };

    /// <summary>What <see cref="Parse"/> reads.</summary>
    public static string Word(BlockForm form) => string.Create(CultureInfo.InvariantCulture, $"int{form.Bits}{(form.Asymmetric ? Asymmetric : "")}");

    /// <summary>A word for the facts.</summary>
    public static string Word(WeightSource weights, BlockForm? form) => form is not null ? $"int{form.Bits}"
        : weights.Tensors["model.layers.0.self_attn.q_proj.weight"].Type switch
        {
            WeightType.F16 => "fp16",
            WeightType.BF16 => "bf16",
            WeightType.F64 => "fp64",
            _ => "fp32",
        };
}
