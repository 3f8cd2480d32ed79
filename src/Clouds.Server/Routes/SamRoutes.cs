using System.Diagnostics;
using Clouds.Native.Images;
using Clouds.Native.Sam;
using Clouds.Server.Options;
using Clouds.Server.Requests;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Clouds.Server.Routes;

/// <summary>
/// POST /sam/embed: an image in, out the name by which it can be asked about, which is the same for the same pixels. POST /sam/predict: such a name, points
/// and perhaps a box in, masks out.
/// </summary>
internal sealed class SamRoutes(ServedModels models, ServerOptions options, Workplace workplace)
{
    // 4 MB each with the published sizes.
    private const int MostEmbeddings = 16;
    private const ushort Inside = 255;

    private readonly RecentlyUsed<ImageEmbedding> _embeddings = new(MostEmbeddings);

    /// <summary>Adds the routes.</summary>
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/sam/embed", Embed);
        routes.MapPost("/sam/predict", Predict);
    }

    private async Task Embed(HttpContext context)
    {
        RequestBody.RequireType(context.Request, RequestBody.ImageTypes);
        using Workplace.Visit visit = workplace.Admit(context);
        byte[] file = await visit.ReadBody().ConfigureAwait(false);
        object answer = await visit.Compute(stop => Embed(PostedImage.Decode(file, "body", options.MaxPixels), stop)).ConfigureAwait(false);
        await JsonAnswer.Write(context, StatusCodes.Status200OK, answer).ConfigureAwait(false);
    }

    private object Embed(RgbImage image, CancellationToken stop)
    {
        long start = Stopwatch.GetTimestamp();
        string name = ImageEmbedding.DigestOf(image);
        if (!_embeddings.TryGet(name, out ImageEmbedding? embedding))
        {
            embedding = models.Embeddings?.Embed(image, stop) ?? models.Sam!.Embed(image, stop);
            _embeddings.Add(name, embedding);
        }

        double seconds = Math.Round(Stopwatch.GetElapsedTime(start).TotalSeconds, 4);
        return new { embedding = name, embedding.Width, embedding.Height, seconds };
    }

    private async Task Predict(HttpContext context)
    {
        RequestBody.RequireType(context.Request, "application/json");
        using Workplace.Visit visit = workplace.Admit(context);
        PostedPrompt prompt = PostedPrompt.Read(await visit.ReadBody().ConfigureAwait(false));
        if (!_embeddings.TryGet(prompt.Embedding, out ImageEmbedding? embedding))
        {
            throw new Refusal(StatusCodes.Status404NotFound, "there is no such embedding any more", "embedding", prompt.Embedding,
                $"one of the {MostEmbeddings} that were used last", "send the image to /sam/embed again");
        }

        object answer = await visit.Compute(stop => Answer(embedding.Predict(prompt.Points, prompt.Box, null, prompt.Single, stop))).ConfigureAwait(false);
        await JsonAnswer.Write(context, StatusCodes.Status200OK, answer).ConfigureAwait(false);
    }

    private static object Answer(PromptAnswer answer) => new
    {
        best = answer.Masks.ToList().IndexOf(answer.Best),
        masks = answer.Masks.Select(mask =>
        {
            bool[] pixels = mask.ToPixels();
            LabelMap map = new(mask.Width, mask.Height, Array.ConvertAll(pixels, inside => inside ? Inside : (ushort)0));
            return new { mask.Score, area = pixels.Count(inside => inside), png = LabelPng.EncodeGray8(map) };
        }).ToArray(),
    };
}
