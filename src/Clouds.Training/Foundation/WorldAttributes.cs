using Clouds.Training.Streets.World;

namespace Clouds.Training.Foundation;

/// <summary>
/// Zero-shot classification of scenes of the wide world (Radford et al. 2021, section 3.1): of sentences that each say another light, weather, season or
/// place, the one that is most like the image names its class.
/// </summary>
/// <param name="images">Embeddings of length 1.</param>
/// <param name="settings">What each image shows.</param>
/// <param name="embed">A sentence's embedding.</param>
internal sealed class WorldAttributes(IReadOnlyList<float[]> images, IReadOnlyList<WorldSetting> settings, Func<string, float[]> embed)
{
    private static readonly WorldStyle Wide = WorldStyle.Of(WorldGroup.Wide).Single();

    /// <summary>A measure an attribute.</summary>
    public IEnumerable<Measure> Measures() =>
    [
        Accuracy("light", Wide.Lights, setting => setting.Light, WorldWords.Light),
        Accuracy("weather", Wide.Weathers, setting => setting.Weather, WorldWords.Weather),
        Accuracy("season", Wide.Seasons, setting => setting.Season, WorldWords.Season),
        Accuracy("place", Wide.Places, setting => setting.Place, WorldWords.Place),
    ];

    // What the wide world has, and what else occurs in these images.
    private Measure Accuracy<T>(string name, IEnumerable<T> known, Func<WorldSetting, T> of, Func<T, WorldPhrase> phrase)
        where T : struct, Enum
    {
        T[] values = [.. known.Concat(settings.Select(of)).Distinct().Order()];
        float[][] sentences = [.. values.Select(value => embed($"a photo of a street in {phrase(value).First}"))];
        int right = images.Index().Count(image => IsBest(sentences, Array.IndexOf(values, of(settings[image.Index])), image.Item));
        return new Measure(name, $"{name} told, of {values.Length}", (double)right / images.Count);
    }

    private static bool IsBest(float[][] sentences, int own, float[] image)
    {
        double[] cosines = [.. sentences.Select(sentence => CaptionMatches.Cosine(image, sentence))];
        return cosines.Index().All(other => other.Index == own || other.Item < cosines[own]);
    }
}
