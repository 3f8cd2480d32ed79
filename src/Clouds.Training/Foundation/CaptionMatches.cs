using Clouds.Graph.Randomness;

namespace Clouds.Training.Foundation;

/// <summary>
/// Which captions and images of a set find each other in the space of a CLIP (Radford et al. 2021). Captions that the CLIP cannot tell apart are one. An answer
/// counts where it is better than all wrong ones: whoever cannot tell two apart has found neither.
/// </summary>
internal sealed class CaptionMatches
{
    private readonly IReadOnlyList<float[]> _images;
    private readonly double[][] _cosines;
    private readonly int[] _own;
    private readonly int _captions;

    /// <param name="images">Embedding of each image, of length 1.</param>
    /// <param name="captions">Embedding of its caption, of length 1; one array for captions that are one.</param>
    public CaptionMatches(IReadOnlyList<float[]> images, IReadOnlyList<float[]> captions)
    {
        _images = images;
        float[][] distinct = [.. captions.Distinct()];
        Dictionary<float[], int> numbers = distinct.Index().ToDictionary(pair => pair.Item, pair => pair.Index);
        (_own, _captions, _cosines) = ([.. captions.Select(caption => numbers[caption])], distinct.Length, new double[images.Count][]);
        Parallel.For(0, images.Count, image => _cosines[image] = [.. distinct.Select(caption => Cosine(images[image], caption))]);
    }

    /// <summary>Captions that the CLIP can tell apart.</summary>
    public int Captions => _captions;

    /// <summary>Mean cosine of images and their captions.</summary>
    public double MeanCosine => _own.Select((own, image) => _cosines[image][own]).Average();

    /// <summary>Mean cosine of images and all captions that are not theirs; null: there are none.</summary>
    public double? MeanOtherCosine => _captions < 2
        ? null
        : _own.Select((own, image) => (_cosines[image].Sum() - _cosines[image][own]) / (_captions - 1)).Average();

    /// <summary>Mean cosine of two different images; null: there is one alone. Where a painter paints the same again and again it is high.</summary>
    public double? MeanImageCosine
    {
        get
        {
            // The squared length of the sum of all has every pair twice, and each image with itself.
            double[] sum = new double[_images[0].Length];
            double own = 0;
            foreach (float[] image in _images)
            {
                own += Cosine(image, image);
                for (int i = 0; i < sum.Length; i++)
                {
                    sum[i] += image[i];
                }
            }

            double pairs = (double)_images.Count * (_images.Count - 1);
            return pairs == 0 ? null : (sum.Sum(value => value * value) - own) / pairs;
        }
    }

    /// <summary>Share of the images whose own caption is the best of so many: its own, and others that are drawn.</summary>
    /// <param name="choices">Captions that each image is shown.</param>
    /// <param name="streamOf">An image's stream.</param>
    public double FoundAmong(int choices, Func<int, RandomStream> streamOf) => _own.Select((own, image) =>
        Others(image, choices, streamOf).All(other => _cosines[image][other] < _cosines[image][own]) ? 1.0 : 0).Average();

    /// <summary>What <see cref="FoundAmong"/> is on average for who knows which captions hold of an image, and chooses evenly among these.</summary>
    /// <param name="choices">As above.</param>
    /// <param name="streamOf">As above.</param>
    /// <param name="holds">Whether of an image, the first number, the caption of another one holds too.</param>
    public double FoundByAReader(int choices, Func<int, RandomStream> streamOf, Func<int, int, bool> holds) => _own.Select((_, image) =>
        1.0 / (1 + Others(image, choices, streamOf).Count(other => holds(image, Array.IndexOf(_own, other))))).Average();

    /// <summary>Share of the images whose own caption is among the best of all.</summary>
    /// <param name="best">How many are the best.</param>
    public double CaptionRecall(int best) => _own.Select((own, image) =>
        _cosines[image].Where((cosine, caption) => caption != own && cosine >= _cosines[image][own]).Count() < best ? 1.0 : 0).Average();

    /// <summary>Share of the captions of which an image is among the best of all.</summary>
    /// <param name="best">How many are the best.</param>
    public double ImageRecall(int best) => Enumerable.Range(0, _captions).Select(caption =>
    {
        int[] images = [.. Enumerable.Range(0, _own.Length).Where(image => _own[image] == caption)];
        double cosine = images.Max(image => _cosines[image][caption]);
        return _own.Index().Count(pair => pair.Item != caption && _cosines[pair.Index][caption] >= cosine) < best ? 1.0 : 0;
    }).Average();

    private int[] Others(int image, int choices, Func<int, RandomStream> streamOf) =>
        [.. streamOf(image).NextPermutation(_captions).Where(caption => caption != _own[image]).Take(choices - 1)];

    /// <summary>The cosine of two embeddings of length 1, in double precision, from the first number to the last.</summary>
    public static double Cosine(float[] one, float[] other)
    {
        double sum = 0;
        for (int i = 0; i < one.Length; i++)
        {
            sum += (double)one[i] * other[i];
        }

        return sum;
    }
}
