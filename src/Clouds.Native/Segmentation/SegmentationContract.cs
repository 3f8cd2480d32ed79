using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Clouds.Diagnostics;
using Clouds.Graph.Json;
using Clouds.Models.Encoders;
using Clouds.Models.MaskClassifier;
using Clouds.Native.Images;

namespace Clouds.Native.Segmentation;

/// <summary>
/// How a segmenter wants its images, and what its classes are: what a program must do before and after it runs an exported file. It stands in the file's
/// metadata, and nothing in it may be left out.
/// </summary>
internal sealed record SegmentationContract
{
    /// <summary>Where it stands in the metadata.</summary>
    public const string MetadataKey = "clouds.preprocessing";

    private const string Next = "export the model again, or use the program that made the file";
    private const int NewestVersion = 1;
    private const string RedGreenBlue = "RGB";
    private const string PillowBilinear = "bilinear with antialiasing, as Pillow has it";
    private const string BottomRight = "right and bottom, behind normalisation";
    private const int LargestSide = 1 << 16;

    /// <summary>Version of what it says.</summary>
    public required int Version { get; init; }

    /// <summary>The size at which the network sees an image.</summary>
    public required ContractResize Resize { get; init; }

    /// <summary>Order of the input's planes.</summary>
    public required string ColourOrder { get; init; }

    /// <summary>What is subtracted from each plane, on the scale 0..255.</summary>
    public required IReadOnlyList<double> Mean { get; init; }

    /// <summary>What each plane is divided through then.</summary>
    public required IReadOnlyList<double> Deviation { get; init; }

    /// <summary>What is put around.</summary>
    public required ContractPadding Padding { get; init; }

    /// <summary>Classes in the order of the network's, "no object" left out.</summary>
    public required IReadOnlyList<ContractClass> Classes { get; init; }

    /// <summary>The label that is no class.</summary>
    public required int Void { get; init; }

    /// <summary>The contract of a model.</summary>
    public static SegmentationContract Of(ModelDescription model) => new()
    {
        Version = NewestVersion,
        Resize = new ContractResize(
            model.ShortSide, model.ShortSide == 0 ? 0 : Math.Max(TestTimeResize.LongSide, 2 * model.ShortSide), PillowBilinear),
        ColourOrder = RedGreenBlue,
        Mean = model.Normalisation.Mean,
        Deviation = model.Normalisation.Deviation,
        Padding = new ContractPadding(TestTimeResize.Multiple, 0, BottomRight),
        Classes = [.. model.ClassNames.Zip(model.ClassColours, (name, colour) => new ContractClass(name, [colour.R, colour.G, colour.B]))],
        Void = LabelMap.Ignore,
    };

    /// <summary>Reads the contract of a file, and refuses one that this program cannot keep.</summary>
    /// <param name="metadata">The file's.</param>
    /// <param name="path">The file, for messages.</param>
    /// <exception cref="CloudsException">Weights: there is none, it cannot be read, or asks for something else than is done here.</exception>
    public static SegmentationContract Read(IReadOnlyDictionary<string, string> metadata, string path)
    {
        if (!metadata.TryGetValue(MetadataKey, out string? json))
        {
            throw new CloudsException(Failure.Weights, "the ONNX file does not say how images become its input", path, $"no {MetadataKey} in its metadata",
                "a segmenter that Clouds.Native exported", Next);
        }

        JsonOrigin origin = new("the contract of the ONNX file", path, Failure.Weights, Next);
        try
        {
            JsonElement text = StrictJson.Parse(Encoding.UTF8.GetBytes(json), origin).Element;
            SegmentationContract contract = text.Deserialize(ContractJson.Default.SegmentationContract) ?? throw new JsonException("null");
            contract.Require(path);
            return contract;
        }
        catch (JsonException e)
        {
            throw new CloudsException(
                Failure.Weights, "the contract of the ONNX file cannot be read", $"{path}, {MetadataKey}", e.Message, next: Next, inner: e);
        }
    }

    /// <summary>As metadata.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, ContractJson.Default.SegmentationContract);

    /// <summary>Names and colours of the classes.</summary>
    public ClassSet ClassSet() => new(
        [.. Classes.Select(entry => entry.Name)],
        [.. Classes.Select(entry => new RgbColour((byte)entry.Colour[0], (byte)entry.Colour[1], (byte)entry.Colour[2]))]);

    private void Require(string path)
    {
        (bool Kept, string Key, object? Found, string Expected)[] terms =
        [
            (Version == NewestVersion, "version", Version, $"{NewestVersion}"),
            (Resize.ShortSide is >= 0 and <= LargestSide, "resize.shortSide", Resize.ShortSide, $"0 to {LargestSide} pixels"),
            (Resize.LongSide is >= 0 and <= LargestSide, "resize.longSide", Resize.LongSide, $"0 to {LargestSide} pixels"),
            (Resize.Filter == PillowBilinear, "resize.filter", Resize.Filter, PillowBilinear),
            (ColourOrder == RedGreenBlue, "colourOrder", ColourOrder, RedGreenBlue),
            (Mean.Count == 3 && Mean.All(double.IsFinite), "mean", string.Join(", ", Mean), "3 numbers"),
            (Deviation.Count == 3 && Deviation.All(IsDivisor), "deviation", string.Join(", ", Deviation), "3 numbers above 0"),
            (Padding.Multiple == TestTimeResize.Multiple, "padding.multiple", Padding.Multiple, $"{TestTimeResize.Multiple}"),
            (Padding.Value == 0, "padding.value", Padding.Value, "0"),
            (Padding.Where == BottomRight, "padding.where", Padding.Where, BottomRight),
            (Classes.All(entry => entry?.Colour?.Count == 3 && entry.Colour.All(channel => channel is >= 0 and <= 255)), "classes", "another colour",
                "colours of 3 whole numbers, 0 to 255"),
            (Void == LabelMap.Ignore, "void", Void, $"{LabelMap.Ignore}"),
        ];
        (bool _, string? key, object? found, string expected) = Array.Find(terms, term => !term.Kept);
        if (key is not null)
        {
            throw new CloudsException(Failure.Weights, "the ONNX file asks for something that is not done here", $"{path}, {MetadataKey}, key '{key}'",
                FormattableString.Invariant($"{found}"), expected, Next);
        }

        RequireClasses(path);
    }

    private void RequireClasses(string path)
    {
        try
        {
            ClassSet();
        }
        catch (CloudsException e)
        {
            throw new CloudsException(Failure.Weights, e.What, $"{path}, {MetadataKey}, key 'classes'", e.Found, next: Next, inner: e);
        }
    }

    private static bool IsDivisor(double number) => double.IsFinite(number) && (float)number > 0;
}

/// <summary>Short side in pixels, shape kept, halves up; 0: the image's own size. The long side is bounded; 0: it is not.</summary>
internal sealed record ContractResize(int ShortSide, int LongSide, string Filter);

/// <summary>Padding up to a multiple of this many pixels, or up to the size of the input where that is fixed.</summary>
internal sealed record ContractPadding(int Multiple, double Value, string Where);

/// <summary>A class and its colour, R, G, B.</summary>
internal sealed record ContractClass(string Name, IReadOnlyList<int> Colour);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(SegmentationContract))]
internal sealed partial class ContractJson : JsonSerializerContext;
