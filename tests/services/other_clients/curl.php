<?php // PHP, curl: GET, then POST, with one handle. Prints the status of the answer, or the error.
[, $path, $body] = $argv;
$url = getenv("ALTEGIO_BASE_URL");
$headers = ["Authorization: Bearer " . getenv("ALTEGIO_PARTNER_TOKEN"), "Accept: application/vnd.api.v2+json",
    "Content-Type: application/json"];
$curl = curl_init();
curl_setopt_array($curl, [CURLOPT_RETURNTRANSFER => true, CURLOPT_HTTPHEADER => $headers]);
curl_setopt($curl, CURLOPT_URL, "$url/api/v1/countries");
curl_exec($curl);
curl_setopt_array($curl, [CURLOPT_URL => $url . $path, CURLOPT_POSTFIELDS => $body]);
$answer = curl_exec($curl);
echo $answer === false ? "error: " . curl_error($curl) : curl_getinfo($curl, CURLINFO_RESPONSE_CODE), "\n";
